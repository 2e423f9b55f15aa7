package org.llmgine.provider.openai.internal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** A connection to a back-end and the bytes that came over it. One thread uses it at a time; any may cut it. */
final class Http1Connection {
    /** What {@link #next} says when there is no byte yet. */
    static final int NOTHING = -2;

    private static final int BUFFER_BYTES = 16_384;

    private final SocketChannel channel;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int from;
    private int to;
    private boolean answered;

    private Http1Connection(SocketChannel channel, Socket socket) throws IOException {
        this.channel = channel;
        this.socket = socket;
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /**
     * Connect to the first of a host's addresses that takes the connection.
     *
     * @param tls for a back-end that speaks TLS
     * @param limit for all of it, the handshake included; the name's address may take longer
     */
    static Http1Connection open(String host, int port, @Nullable SSLSocketFactory tls, Duration limit)
            throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        IOException failure = new SocketTimeoutException("The name's address took too long.");
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                int left = millisUntil(deadline);
                if (left <= 0) {
                    break;
                }
                SocketChannel channel = SocketChannel.open();
                try {
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    channel.socket().connect(new InetSocketAddress(address, port), left);
                } catch (ClosedByInterruptException e) {
                    throw e;
                } catch (IOException e) {
                    channel.close();
                    failure = e;
                    continue;
                }
                return over(channel, host, port, tls, deadline);
            }
        } catch (UnknownHostException e) {
            failure = e;
        }
        if (failure instanceof SocketTimeoutException) {
            throw tooLate(failure);
        }
        IOException told = new ConnectException(failure.getMessage());
        told.initCause(failure);
        throw told;
    }

    private static Http1Connection over(
            SocketChannel channel, String host, int port, @Nullable SSLSocketFactory tls, long deadline)
            throws IOException {
        boolean open = false;
        try {
            Socket plain = channel.socket();
            Http1Connection connection =
                    new Http1Connection(channel, tls == null ? plain : secure(tls, plain, host, port, deadline));
            open = true;
            return connection;
        } catch (SocketTimeoutException e) {
            throw tooLate(e);
        } finally {
            if (!open) {
                channel.close();
            }
        }
    }

    private static int millisUntil(long deadline) {
        return (int) Duration.ofNanos(deadline - System.nanoTime()).toMillis();
    }

    private static IOException tooLate(IOException cause) {
        IOException told = new HttpConnectTimeoutException(cause.getMessage());
        told.initCause(cause);
        return told;
    }

    private static Socket secure(SSLSocketFactory tls, Socket plain, String host, int port, long deadline)
            throws IOException {
        String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        SSLSocket socket = (SSLSocket) tls.createSocket(plain, name, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        // 0 would be no limit.
        socket.setSoTimeout(Math.max(1, millisUntil(deadline)));
        socket.startHandshake();
        socket.setSoTimeout(0);
        return socket;
    }

    /** Send a request whole. */
    void write(byte[] request) throws IOException {
        answered = false;
        out.write(request);
        out.flush();
    }

    /** Tell whether anything came since the last request. */
    boolean hasAnswered() {
        return answered;
    }

    /** Return the next byte, -1 at the end, or {@link #NOTHING} when none is there and it isn't to be waited for. */
    int next(boolean wait) throws IOException {
        if (from == to) {
            if (!wait) {
                return NOTHING;
            }
            if (!fill()) {
                return -1;
            }
        }
        return buffer[from++] & 0xFF;
    }

    /**
     * Return bytes that are there, or wait for some; valid until the next call.
     *
     * @return null at the end, or when none is there and it isn't to be waited for
     */
    @Nullable ByteBuffer next(long most, boolean wait) throws IOException {
        if (from == to && (!wait || !fill())) {
            return null;
        }
        int count = (int) Math.min(most, to - from);
        ByteBuffer bytes = ByteBuffer.wrap(buffer, from, count);
        from += count;
        return bytes;
    }

    private boolean fill() throws IOException {
        return take(in.read(buffer, 0, buffer.length));
    }

    private boolean take(int count) {
        answered |= count > 0;
        from = 0;
        to = Math.max(count, 0);
        return count > 0;
    }

    /**
     * Take what has come without waiting for it, over TLS for a millisecond; nothing may be left of what came before.
     *
     * @return how many bytes there were
     * @throws IOException also at the end
     */
    int fillWithWhatIsThere() throws IOException {
        int count = socket == channel.socket() ? readAtOnce(ByteBuffer.wrap(buffer)) : readSoon();
        if (count < 0) {
            throw new EOFException();
        }
        take(count);
        return count;
    }

    private int readSoon() throws IOException {
        socket.setSoTimeout(1);
        try {
            return in.read(buffer, 0, buffer.length);
        } catch (SocketTimeoutException e) {
            return 0;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    /** Tell whether it is open and silent, as it has to be between two exchanges. */
    boolean isIdle() {
        try {
            return from == to && readAtOnce(ByteBuffer.allocate(1)) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private int readAtOnce(ByteBuffer target) throws IOException {
        channel.configureBlocking(false);
        try {
            return channel.read(target);
        } finally {
            channel.configureBlocking(true);
        }
    }

    /** Close it at once; who reads or writes meets an exception. */
    void cut() {
        try {
            // Without TLS's farewell, which could block.
            channel.close();
        } catch (IOException e) {
            // It is as good as closed.
        }
    }
}
