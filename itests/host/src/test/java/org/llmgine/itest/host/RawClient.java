package org.llmgine.itest.host;

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

    /** Read until the host closes the connection. */
    String readAll() throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
