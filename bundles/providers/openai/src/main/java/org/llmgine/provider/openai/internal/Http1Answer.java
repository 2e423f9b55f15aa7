package org.llmgine.provider.openai.internal;

import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.LlmgineException;

/** An answer over HTTP/1.1 (RFC 9112), read straight from its connection by who pulls. */
final class Http1Answer implements HttpAnswer {
    private static final int MAX_HEAD_BYTES = 262_144;
    private static final int MAX_LINE_BYTES = 16_384;
    private static final int MAX_REST_BYTES = 65_536;
    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] (?!101)[1-9][0-9]{2}( .*)?");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    private enum Phase {
        SIZE,
        EXTENSION,
        DATA,
        DATA_END,
        TRAILER,
        END
    }

    private final Http1Connection connection;
    private final Consumer<Http1Answer> back;
    private final Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private int status;
    private boolean keeps;
    private boolean chunked;
    private boolean untilTheEnd;
    private Phase phase = Phase.END;
    /** How much of the body, or of the chunk, is to come; while a chunk's size is read, the size so far. */
    private long left;
    /** Of a line that isn't data: its length so far. */
    private int line;

    private int rest;
    private volatile boolean closed;

    private Http1Answer(Http1Connection connection, Consumer<Http1Answer> back) {
        this.connection = connection;
        this.back = back;
    }

    /**
     * Wait for an answer's head.
     *
     * @param reusable whether the connection may be used again at all
     * @param back gets the answer when it is over and its connection can be used again
     */
    static Http1Answer await(Http1Connection connection, boolean reusable, Consumer<Http1Answer> back)
            throws IOException {
        Http1Answer answer = new Http1Answer(connection, back);
        do {
            answer.readHead();
        } while (answer.status < 200);
        answer.frame();
        answer.keeps &= reusable;
        return answer;
    }

    private void readHead() throws IOException {
        fields.clear();
        StringBuilder text = new StringBuilder();
        int bytes = 0;
        boolean begun = false;
        while (true) {
            int next = connection.next(true);
            if (next < 0) {
                throw new EOFException("The connection ended before an answer's head did.");
            }
            if (++bytes > MAX_HEAD_BYTES) {
                throw new ProtocolException("The head is longer than " + MAX_HEAD_BYTES + " bytes.");
            }
            if (next != '\n') {
                text.append((char) next);
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) == '\r') {
                text.setLength(text.length() - 1);
            }
            if (!begun) {
                begun = true;
                statusLine(text.toString());
            } else if (text.isEmpty()) {
                return;
            } else {
                field(text.toString());
            }
            text.setLength(0);
        }
    }

    private void statusLine(String text) throws ProtocolException {
        if (!STATUS_LINE.matcher(text).matches()) {
            throw new ProtocolException("It doesn't begin as an answer in HTTP/1.1 does.");
        }
        status = Integer.parseInt(text.substring(9, 12));
        keeps = text.charAt(7) == '1';
    }

    private void field(String text) throws ProtocolException {
        int colon = text.indexOf(':');
        checkName(text, colon);
        fields.computeIfAbsent(text.substring(0, colon), name -> new ArrayList<>(1))
                .add(text.substring(colon + 1).strip());
    }

    /** Check that a name is a token (RFC 9110, 5.6.2). */
    private static void checkName(String text, int end) throws ProtocolException {
        boolean named = end > 0;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            named &= c > ' ' && c < 0x7F && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
        }
        if (!named) {
            throw new ProtocolException("A field of the head has no name.");
        }
    }

    /** Find out where the body ends (RFC 9112, 6.3). */
    private void frame() throws ProtocolException {
        String connectionSays = value("Connection").toLowerCase(Locale.ROOT);
        keeps = keeps ? !connectionSays.contains("close") : connectionSays.contains("keep-alive");
        String coding = value("Transfer-Encoding").toLowerCase(Locale.ROOT);
        List<String> lengths = fields.getOrDefault("Content-Length", List.of());
        if (status == 204 || status == 304) {
            phase = Phase.END;
        } else if (!coding.isEmpty()) {
            if (!coding.equals("chunked")) {
                throw new ProtocolException("The body is encoded in a way that was not asked for: " + coding + ".");
            }
            keeps &= lengths.isEmpty();
            chunked = true;
            phase = Phase.SIZE;
        } else if (!lengths.isEmpty()) {
            left = length(lengths);
            phase = left == 0 ? Phase.END : Phase.DATA;
        } else {
            untilTheEnd = true;
            keeps = false;
            left = Long.MAX_VALUE;
            phase = Phase.DATA;
        }
    }

    private static long length(List<String> values) throws ProtocolException {
        String first = values.getFirst();
        if (!LENGTH.matcher(first).matches() || !values.stream().allMatch(first::equals)) {
            throw new ProtocolException("The body's length is no number.");
        }
        return Long.parseLong(first);
    }

    private String value(String name) {
        List<String> values = fields.get(name);
        return values == null ? "" : String.join(",", values);
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public HttpHeaders headers() {
        return HttpHeaders.of(fields, (name, value) -> true);
    }

    @Override
    public @Nullable ByteBuffer take() {
        return pull(true);
    }

    @Override
    public @Nullable ByteBuffer poll() {
        return pull(false);
    }

    private @Nullable ByteBuffer pull(boolean wait) {
        if (closed) {
            throw HttpAnswer.cancelled();
        }
        try {
            return next(wait);
        } catch (IOException e) {
            throw broken(e);
        }
    }

    private LlmgineException broken(IOException failure) {
        // An interrupt closes the connection of who waits.
        boolean ours = closed || Thread.currentThread().isInterrupted();
        connection.cut();
        return ours ? HttpAnswer.cancelled() : HttpAnswer.brokeOff(failure);
    }

    private @Nullable ByteBuffer next(boolean wait) throws IOException {
        while (phase != Phase.END) {
            if (phase == Phase.DATA) {
                ByteBuffer bytes = connection.next(left, wait);
                if (bytes == null && wait) {
                    end();
                } else if (bytes != null) {
                    left -= bytes.remaining();
                    if (left == 0) {
                        phase = chunked ? Phase.DATA_END : Phase.END;
                    }
                }
                return bytes;
            }
            int next = connection.next(wait);
            if (next == Http1Connection.NOTHING) {
                return null;
            }
            step(next);
        }
        return null;
    }

    /** Meet the connection's end where data may come. */
    private void end() throws EOFException {
        if (!untilTheEnd) {
            throw new EOFException("The connection ended before the body did.");
        }
        phase = Phase.END;
    }

    /** Take a byte of what stands between the chunks (RFC 9112, 7.1). */
    private void step(int next) throws IOException {
        if (next < 0) {
            throw new EOFException("The connection ended before the body did.");
        }
        if (++line > MAX_LINE_BYTES) {
            throw new ProtocolException("A line between chunks is longer than " + MAX_LINE_BYTES + " bytes.");
        }
        switch (phase) {
            case SIZE -> size(next);
            case EXTENSION -> {
                if (next == '\n') {
                    sized();
                }
            }
            case DATA_END -> {
                if (next == '\n') {
                    begin(Phase.SIZE);
                } else if (next != '\r') {
                    throw new ProtocolException("A chunk is longer than it said.");
                }
            }
            default -> {
                if (next == '\n' && line == 1) {
                    phase = Phase.END;
                } else if (next == '\n') {
                    line = 0;
                } else if (next == '\r') {
                    line--;
                }
            }
        }
    }

    private void size(int next) throws ProtocolException {
        int digit = Character.digit(next, 16);
        if (digit >= 0 && left <= Long.MAX_VALUE >> 5) {
            left = left << 4 | digit;
        } else if (line == 1 || digit >= 0) {
            throw new ProtocolException("A chunk's size is no number.");
        } else if (next == '\n') {
            sized();
        } else {
            phase = Phase.EXTENSION;
        }
    }

    private void sized() {
        line = 0;
        phase = left == 0 ? Phase.TRAILER : Phase.DATA;
    }

    private void begin(Phase next) {
        line = 0;
        left = 0;
        phase = next;
    }

    @Override
    public boolean isAtEnd() {
        return phase == Phase.END;
    }

    @Override
    public void close() {
        closed = true;
        connection.cut();
    }

    @Override
    public void finish() {
        closed = true;
        if (keeps) {
            back.accept(this);
        } else {
            connection.cut();
        }
    }

    /** What has become of a connection since its last answer was finished. */
    enum Rest {
        /** The next request may be sent. */
        OVER,
        /** The answer's end is yet to come. */
        TO_COME,
        /** It can't be used again. */
        BROKEN
    }

    /** Read what has come of the answer's rest. */
    Rest rest() {
        try {
            while (phase != Phase.END) {
                if (next(false) == null && phase != Phase.END) {
                    int came = connection.fillWithWhatIsThere();
                    rest += came;
                    if (came == 0) {
                        return Rest.TO_COME;
                    }
                    if (rest > MAX_REST_BYTES) {
                        return Rest.BROKEN;
                    }
                }
            }
        } catch (IOException e) {
            return Rest.BROKEN;
        }
        return connection.isIdle() ? Rest.OVER : Rest.BROKEN;
    }

    Http1Connection connection() {
        return connection;
    }
}
