package org.llmgine.provider.openai.internal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * Cuts a byte stream into server-sent events, in one pass and without a copy of an event's data if it is one line.
 *
 * <p>Lines end with LF, CR or CRLF; a byte order mark, comments and unknown fields are passed over; of the event's name only
 * {@code error} is kept. The bytes may come cut anywhere. Not thread-safe.
 */
final class SseParser {
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] DATA = {'d', 'a', 't', 'a'};
    private static final byte[] EVENT = {'e', 'v', 'e', 'n', 't'};
    private static final byte[] ERROR = {'e', 'r', 'r', 'o', 'r'};
    private static final int FIRST_SIZE = 1024;

    private final int limit;

    /** What has come and is still needed lies from {@code start} to {@code end}; lines end before {@code scanned}. */
    private byte[] buffer = {};

    private int start;
    private int scanned;
    private int end;
    private boolean begun;
    private boolean skipLineFeed;

    /** The data of the event that is being read: a range of the buffer, or of {@code joined} as soon as it has two lines. */
    private boolean hasData;

    private int from;
    private int to;
    private boolean isJoined;
    private byte[] joined = {};
    private int eventBytes;
    private boolean named;

    private byte[] data;
    private int offset;
    private int length;
    private boolean error;

    /**
     * Begin a stream.
     *
     * @param limit how many bytes a line, and an event's lines together, may have
     */
    SseParser(int limit) {
        this.limit = limit;
        data = buffer;
    }

    /** Take the next bytes; the data of the last event is no longer valid. */
    void feed(ByteBuffer bytes) {
        int count = bytes.remaining();
        if (buffer.length - end < count) {
            makeRoom(count);
        }
        bytes.get(buffer, end, count);
        end += count;
    }

    private void makeRoom(int count) {
        int keep = hasData && !isJoined ? Math.min(from, start) : start;
        int kept = end - keep;
        long needed = (long) kept + count;
        if (needed > Integer.MAX_VALUE - 8) {
            throw tooLong();
        }
        byte[] target = needed <= buffer.length
                ? buffer
                : new byte
                        [(int) Math.min(
                                Integer.MAX_VALUE - 8, Math.max(Math.max(FIRST_SIZE, needed), 2L * buffer.length))];
        System.arraycopy(buffer, keep, target, 0, kept);
        buffer = target;
        start -= keep;
        scanned -= keep;
        if (!isJoined) {
            from -= keep;
            to -= keep;
        }
        end = kept;
    }

    /** Return the first byte that is no white space or mark, without taking it; −1 while there is none. */
    int first() {
        if (!skipMark(false)) {
            return -1;
        }
        for (int i = start; i < end; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\n' && buffer[i] != '\r' && buffer[i] != '\t') {
                return buffer[i] & 0xFF;
            }
        }
        return -1;
    }

    /** Take all that has come as the data, for an answer that is no event stream. */
    void takeAll() {
        data = buffer;
        offset = start;
        length = end - start;
    }

    /** Return how many bytes have come and were not taken. */
    int size() {
        return end - start;
    }

    /** Move on to the next event that has come whole; false when there is none yet. */
    boolean next() {
        if (!skipMark(false)) {
            return false;
        }
        while (true) {
            int lineEnd = lineEnd();
            if (lineEnd < 0) {
                if ((long) eventBytes + (end - start) > limit) {
                    throw tooLong();
                }
                return false;
            }
            if (line(lineEnd)) {
                return true;
            }
        }
    }

    /** Move on to the event that the end of the stream ends; false when there is none. */
    boolean last() {
        skipMark(true);
        if (start < end) {
            scanned = end;
            line(end);
        }
        return dispatch();
    }

    private boolean skipMark(boolean whole) {
        if (begun) {
            return true;
        }
        int known = Math.min(MARK.length, end - start);
        boolean fits = Arrays.equals(buffer, start, start + known, MARK, 0, known);
        if (fits && known < MARK.length && !whole) {
            return false;
        }
        begun = true;
        if (fits && known == MARK.length) {
            start += known;
            scanned = start;
        }
        return true;
    }

    /** Find the end of the line that begins at {@code start}; −1 while it hasn't come. */
    private int lineEnd() {
        byte[] bytes = buffer;
        int at = scanned;
        int stop = end;
        if (skipLineFeed && at < stop) {
            skipLineFeed = false;
            if (bytes[at] == '\n') {
                at++;
                start = at;
            }
        }
        for (; at < stop; at++) {
            byte b = bytes[at];
            if (b == '\n' || b == '\r') {
                skipLineFeed = b == '\r';
                scanned = at + 1;
                return at;
            }
        }
        scanned = at;
        return -1;
    }

    /** Take the line from {@code start} up to an end; tells whether it ended an event that has data. */
    private boolean line(int lineEnd) {
        int begin = start;
        start = scanned;
        int size = lineEnd - begin;
        if ((long) eventBytes + size > limit) {
            throw tooLong();
        }
        if (size == 0) {
            return dispatch();
        }
        int name = begin;
        while (name < lineEnd && buffer[name] != ':') {
            name++;
        }
        int value = Math.min(name + 1, lineEnd);
        if (value < lineEnd && buffer[value] == ' ') {
            value++;
        }
        if (Arrays.equals(buffer, begin, name, DATA, 0, DATA.length)) {
            addData(value, lineEnd);
        } else if (Arrays.equals(buffer, begin, name, EVENT, 0, EVENT.length)) {
            named = Arrays.equals(buffer, value, lineEnd, ERROR, 0, ERROR.length);
        }
        if (hasData) {
            eventBytes += size;
        }
        return false;
    }

    private void addData(int value, int lineEnd) {
        if (!hasData) {
            hasData = true;
            isJoined = false;
            from = value;
            to = lineEnd;
            return;
        }
        byte[] source = isJoined ? joined : buffer;
        int before = to - from;
        int after = before + 1 + lineEnd - value;
        if (!isJoined || joined.length < after) {
            byte[] larger = new byte[Math.max(after, 2 * before)];
            System.arraycopy(source, from, larger, 0, before);
            joined = larger;
            isJoined = true;
            from = 0;
        }
        joined[before] = '\n';
        System.arraycopy(buffer, value, joined, before + 1, lineEnd - value);
        to = after;
    }

    private boolean dispatch() {
        boolean whole = hasData;
        if (whole) {
            data = isJoined ? joined : buffer;
            offset = from;
            length = to - from;
            error = named;
        }
        hasData = false;
        isJoined = false;
        from = start;
        to = start;
        eventBytes = 0;
        named = false;
        return whole;
    }

    /** Return the array that holds the event's data. */
    byte[] data() {
        return data;
    }

    /** Return where in {@link #data()} the data begins. */
    int offset() {
        return offset;
    }

    /** Return how many bytes the data has. */
    int length() {
        return length;
    }

    /** Tell whether the event is named {@code error}. */
    boolean isError() {
        return error;
    }

    private LlmgineException tooLong() {
        return tooLong(limit);
    }

    static LlmgineException tooLong(int limit) {
        return new LlmgineException(
                        ErrorCode.LIMIT_REACHED,
                        "The back-end's answer is longer than " + limit + " bytes at a stretch.")
                .withHint("The limit is the setting maxAnswerBytes; a streamed answer has it for each event only.");
    }
}
