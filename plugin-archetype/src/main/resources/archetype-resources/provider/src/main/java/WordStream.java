package ${package};

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;
import org.llmgine.api.stream.Usage;
import org.llmgine.api.stream.UsageUpdate;

/** Gives an answer word by word, then how much it was, then the finish. */
final class WordStream implements ModelStream {
    private final List<String> words;
    private final Usage usage;
    private final long delayMs;
    private final CountDownLatch closed = new CountDownLatch(1);
    private int given;

    WordStream(List<String> words, Usage usage, long delayMs) {
        this.words = words;
        this.usage = usage;
        this.delayMs = delayMs;
    }

    @Override
    public StreamEvent next() {
        awaitNext();
        int event = given++;
        if (event < words.size()) {
            return new TextDelta(words.get(event));
        }
        return event == words.size() ? new UsageUpdate(usage) : new Finish(Finish.STOP);
    }

    /** Any thread may close it, also while another one waits. */
    @Override
    public void close() {
        closed.countDown();
    }

    /** Wait between two words, as a back-end lets wait; a close ends the wait. */
    private void awaitNext() {
        boolean pauses = given > 0 && given < words.size();
        try {
            if (closed.await(pauses ? delayMs : 0, TimeUnit.MILLISECONDS)) {
                throw new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LlmgineException(ErrorCode.CANCELLED, "The stream was interrupted.", e);
        }
    }
}
