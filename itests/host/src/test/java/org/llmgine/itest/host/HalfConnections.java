package org.llmgine.itest.host;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Connections that say nothing, or begin a request and stop. */
final class HalfConnections implements AutoCloseable {
    private final Host host;
    private final String key;
    private final List<Socket> sockets = new ArrayList<>();

    /** Prepare with a key of their own, so that nobody else is held to what they use up. */
    HalfConnections(Host host) {
        this.host = host;
        key = host.login();
    }

    void open(int count) throws IOException {
        String post = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n";
        String head = post + "Authorization: Bearer " + key
                + "\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
        List<String> beginnings = List.of("", "GET /v1/mod", post, head + "{");
        for (int i = 0; i < count; i++) {
            Socket socket = new Socket("127.0.0.1", host.httpPort());
            sockets.add(socket);
            socket.getOutputStream().write(beginnings.get(i % beginnings.size()).getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Override
    public void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
