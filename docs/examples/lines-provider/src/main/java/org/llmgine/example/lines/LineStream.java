package org.llmgine.example.lines;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.model.ModelStream;
import org.llmgine.api.stream.Finish;
import org.llmgine.api.stream.StreamEvent;
import org.llmgine.api.stream.TextDelta;

/** Gives each line as it arrives. */
final class LineStream implements ModelStream {
    private final InputStream body;
    private final BufferedReader lines;
    private volatile boolean closed;

    LineStream(InputStream body) {
        this.body = body;
        this.lines = new BufferedReader(new InputStreamReader(body, UTF_8));
    }

    @Override
    public StreamEvent next() {
        try {
            String line = lines.readLine();
            if (!closed) {
                return line == null ? new Finish(Finish.STOP) : new TextDelta(line + "\n");
            }
        } catch (IOException e) {
            if (!closed) {
                throw new LlmgineException(ErrorCode.PROVIDER_ERROR, "The back-end's answer broke off.", e);
            }
        }
        throw new LlmgineException(ErrorCode.CANCELLED, "The stream was closed.");
    }

    /** Close the body, not the reader: the reader is locked while another thread waits in it. */
    @Override
    public void close() {
        closed = true;
        try {
            body.close();
        } catch (IOException e) {
            // Nothing is left to give back.
        }
    }
}
