package org.llmgine.provider.openai.internal;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.StreamEvent;

/** Gives a back-end's answer event by event, whether it comes as an event stream or as one JSON object. */
final class ChatStream implements ModelStream {
    private final HttpAnswer body;
    private final SseParser parser;
    private final ChunkDecoder decoder;
    private final int limit;
    private final Runnable onOver;
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable LlmgineException failure;
    private boolean sniffed;
    private boolean whole;
    private volatile boolean complete;

    /**
     * Begin to read.
     *
     * @param limit how many bytes a whole answer, or one event, may have
     * @param onOver runs once, when all has come or at the first close
     */
    ChatStream(HttpAnswer body, ChunkDecoder decoder, int limit, Runnable onOver) {
        this.body = body;
        this.parser = new SseParser(limit);
        this.decoder = decoder;
        this.limit = limit;
        this.onOver = onOver;
    }

    @Override
    public StreamEvent next() {
        StreamEvent event = decoder.poll();
        if (event == null) {
            fill(true);
            event = decoder.poll();
        }
        if (closed.get()) {
            throw HttpAnswer.cancelled();
        }
        if (event != null) {
            return event;
        }
        LlmgineException broken = failure;
        throw broken != null ? broken : new LlmgineException(ErrorCode.PROVIDER_ERROR, "The stream has already ended.");
    }

    @Override
    public boolean isReady() {
        return decoder.hasEvent() || failure != null || fill(false);
    }

    /** Decode until there is an event or a failure; tells whether there is, which without waiting may not be. */
    private boolean fill(boolean wait) {
        if (failure != null || decoder.isFinished()) {
            return true;
        }
        try {
            while (!decoder.hasEvent()) {
                if (sniffed && !whole && parser.next()) {
                    decode();
                    continue;
                }
                ByteBuffer bytes = wait ? body.take() : body.poll();
                if (bytes != null) {
                    feed(bytes);
                } else if (wait || body.isAtEnd()) {
                    end();
                } else {
                    return false;
                }
            }
        } catch (LlmgineException e) {
            failure = e;
        }
        return true;
    }

    private void feed(ByteBuffer bytes) {
        parser.feed(bytes);
        if (!sniffed) {
            int first = parser.first();
            sniffed = first >= 0;
            whole = first == '{' || first == '[';
        }
        if ((!sniffed || whole) && parser.size() > limit) {
            throw SseParser.tooLong(limit);
        }
    }

    private void decode() {
        decoder.decode(parser.data(), parser.offset(), parser.length(), parser.isError());
        if (decoder.isFinished()) {
            complete();
        }
    }

    private void complete() {
        complete = true;
        over();
    }

    private void over() {
        if (!over.getAndSet(true)) {
            onOver.run();
        }
    }

    private void end() {
        if (whole) {
            parser.takeAll();
            decode();
            decoder.endWhole();
        } else {
            if (parser.last()) {
                decodeLast();
            }
            decoder.end();
        }
        complete();
    }

    /** What can't be read at the very end was cut off. */
    private void decodeLast() {
        try {
            decode();
        } catch (LlmgineException e) {
            throw e.getCause() == null ? e : HttpAnswer.brokeOff(e.getCause());
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            if (complete) {
                body.finish();
            } else {
                body.close();
            }
            over();
        }
    }
}
