package org.llmgine.http.internal;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/** Counts a body while it is read, so that neither its size nor its time is without bound. */
final class LimitedBody extends HttpServletRequestWrapper {
    private final long maxBytes;
    private final long deadline;
    private @Nullable ServletInputStream stream;
    private @Nullable BufferedReader reader;

    LimitedBody(HttpServletRequest request, long maxBytes, Duration time) {
        super(request);
        this.maxBytes = maxBytes;
        this.deadline = System.nanoTime() + time.toNanos();
    }

    static LlmgineException tooLarge(long maxBytes) {
        return new LlmgineException(ErrorCode.TOO_LARGE, "The request's body is larger than " + maxBytes + " bytes.")
                .withHint(
                        "Send less; for requests with a key the setting maxBodyBytes of org.llmgine.http decides, for a backup maxRestoreBytes, for a plugin maxPluginBytes.");
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
        ServletInputStream result = stream;
        if (result == null) {
            result = new Counted(super.getInputStream());
            stream = result;
        }
        return result;
    }

    @Override
    public BufferedReader getReader() throws IOException {
        BufferedReader result = reader;
        if (result == null) {
            String encoding = Objects.requireNonNullElse(getCharacterEncoding(), "ISO-8859-1");
            result = new BufferedReader(new InputStreamReader(getInputStream(), encoding));
            reader = result;
        }
        return result;
    }

    /** Passes the bytes on and counts them. */
    private final class Counted extends ServletInputStream {
        private final ServletInputStream in;
        private long count;

        Counted(ServletInputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            count(value < 0 ? value : 1);
            return value;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = in.read(buffer, offset, length);
            count(read);
            return read;
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        private void count(int read) {
            if (read < 0) {
                return;
            }
            count += read;
            if (count > maxBytes) {
                throw tooLarge(maxBytes);
            }
            if (System.nanoTime() - deadline > 0) {
                throw Problem.bodyTimeout();
            }
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }
    }
}
