package org.llmgine.itest.host;

import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection on which anything can be sent. */
final class RawClient implements AutoCloseable {
    private final Socket socket;

    RawClient(Host host) throws IOException {
        socket = new Socket("127.0.0.1", host.httpPort());
        socket.setSoTimeout(45_000);
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Send no more. */
    void finish() throws IOException {
        socket.shutdownOutput();
    }

    /** Read until a text has come, and return all that came with it. */
    String readUntil(String text) throws IOException {
        StringBuilder read = new StringBuilder();
        byte[] buffer = new byte[4096];
        while (read.indexOf(text) < 0) {
            int count = socket.getInputStream().read(buffer);
            if (count < 0) {
                throw new EOFException(read.toString());
            }
            read.append(new String(buffer, 0, count, StandardCharsets.ISO_8859_1));
        }
        return read.toString();
    }

    /** Read until the host closes the connection. */
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
