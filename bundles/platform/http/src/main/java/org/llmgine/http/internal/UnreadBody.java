package org.llmgine.http.internal;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.llmgine.api.LlmgineException;

/** The body of a request that was answered with an error before all of it had come. */
final class UnreadBody {
    /** How long who sends a rest may pause. */
    static final Duration PAUSE = Duration.ofMillis(500);

    /** How long he may take for all of it. */
    static final Duration LIMIT = Duration.ofSeconds(3);

    private static final long MOST_BYTES = 64L * 1024 * 1024;

    private UnreadBody() {}

    /** Read what has come and say whether more is to come; Jetty then closes the connection, so the answer has to say so. */
    static boolean remains(HttpServletRequest request) {
        if (request.getContentLengthLong() <= 0 && request.getHeader("Transfer-Encoding") == null) {
            return false;
        }
        byte[] buffer = new byte[4096];
        try {
            ServletInputStream in = request.getInputStream();
            while (in.available() > 0) {
                if (in.read(buffer) < 0) {
                    break;
                }
            }
            return !in.isFinished();
        } catch (IOException | LlmgineException e) {
            return true;
        }
    }

    /** Send the answer and let who still writes go on for a while: who is cut off while he writes doesn't read why. */
    static void read(HttpServletRequest request, HttpServletResponse response, Duration limit) {
        long begun = System.nanoTime();
        byte[] buffer = new byte[16 * 1024];
        try {
            response.flushBuffer();
            InputStream in = request.getInputStream();
            long rest = MOST_BYTES;
            while (rest > 0 && System.nanoTime() - begun < limit.toNanos()) {
                int read = in.read(buffer);
                if (read < 0) {
                    return;
                }
                rest -= read;
            }
        } catch (IOException e) {
            // He has left, or has paused.
        }
    }
}
