package org.llmgine.http.internal;

import jakarta.servlet.ServletRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.llmgine.bus.HostTimer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Watches the server's connections, which Jetty lets a client hold for ever by sending a request's head bit by bit: a head
 * that isn't whole in time is answered with 408, and a TLS handshake that isn't is cut.
 *
 * <p>Jetty is found through the first request or the HTTPS listener; its own errors are told in our way from then on.
 */
@Component(service = Connections.class)
public final class Connections implements Connection.Listener, HostTimer.Watch {
    private static final long ROUND = Duration.ofSeconds(1).toNanos();
    /** What an engine's session names until the handshake is over, says {@link javax.net.ssl.SSLEngine#getSession()}. */
    private static final String NO_CIPHER = "SSL_NULL_WITH_NULL_NULL";
    /** What Jetty needs beside those that wait: requests run on virtual threads. More is what a burst would leave behind. */
    private static final int SPARE_THREADS = 8;

    private final HttpSettings settings;
    private final JettyErrors errors;
    private final byte[] timeoutAnswer;
    private final HostTimer.Registration watch;
    private final Map<Connection, Head> heads = new ConcurrentHashMap<>();
    /** TLS connections whose handshake isn't over, with the time since when. */
    private final Map<SslConnection, Long> handshakes = new ConcurrentHashMap<>();

    private final Set<Connector> connectors =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
    private volatile long round = System.nanoTime();

    /** Watch. */
    @Activate
    public Connections(@Reference HttpSettings settings, @Reference HostTimer timer) {
        Json json = new Json();
        this.settings = settings;
        errors = new JettyErrors(json);
        Problem problem = JettyErrors.problem(408, null);
        byte[] body = problem.body(json, "");
        StringBuilder answer = new StringBuilder("HTTP/1.1 408 Request Timeout\r\nContent-Type: ")
                .append(Problem.mediaType(""))
                .append("\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        problem.headers()
                .forEach((name, value) ->
                        answer.append(name).append(": ").append(value).append("\r\n"));
        answer.append("\r\n").append(new String(body, StandardCharsets.UTF_8));
        timeoutAnswer = answer.toString().getBytes(StandardCharsets.UTF_8);
        watch = timer.watch(this);
    }

    /** Note that a request has come whole; to be ended by {@link #leave}. */
    ConnectionMetaData enter(ServletRequest request) {
        ConnectionMetaData data =
                ServletContextRequest.getServletContextRequest(request).getConnectionMetaData();
        adopt(data.getConnector());
        Head head = heads.get(data.getConnection());
        if (head != null) {
            head.handling = true;
        }
        return data;
    }

    void leave(ConnectionMetaData data) {
        Head head = heads.get(data.getConnection());
        if (head != null) {
            head.await();
        }
    }

    /** Watch a connector's connections from now on, if that isn't done already. */
    void adopt(Connector connector) {
        if (!connectors.add(connector)) {
            return;
        }
        connector.addEventListener(this);
        // Jetty's cache of a connection's header fields takes 100 KiB, and more time than it saves.
        connector.getConnectionFactories().stream()
                .filter(HttpConfiguration.ConnectionFactory.class::isInstance)
                .map(HttpConfiguration.ConnectionFactory.class::cast)
                .forEach(factory -> factory.getHttpConfiguration().setHeaderCacheSize(0));
        if (connector.getServer().getThreadPool() instanceof QueuedThreadPool pool) {
            pool.setMaxThreads(pool.getLeasedThreads() + toBeLeased(connector) + SPARE_THREADS);
        }
        connector.getServer().setErrorHandler(errors);
        connector.getServer().getDescendants(ContextHandler.class).forEach(context -> context.setErrorHandler(errors));
    }

    /** Count the threads that a connector will take when it starts. */
    private static int toBeLeased(Connector connector) {
        return connector instanceof ServerConnector server && !server.isRunning()
                ? server.getAcceptors() + server.getSelectorManager().getSelectorCount()
                : 0;
    }

    private void giveBack(Connector connector) {
        connector.removeEventListener(this);
        connector.getServer().setErrorHandler(new ErrorHandler());
        connector
                .getServer()
                .getDescendants(ContextHandler.class)
                .forEach(context -> context.setErrorHandler(new org.eclipse.jetty.ee10.servlet.ErrorHandler()));
    }

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof SslConnection tls) {
            handshakes.put(tls, System.nanoTime());
        } else if (connection instanceof ConnectionMetaData http
                && http.getHttpVersion().getVersion() <= HttpVersion.HTTP_1_1.getVersion()) {
            heads.put(connection, new Head());
        }
    }

    @Override
    public void onClosed(Connection connection) {
        heads.remove(connection);
        if (connection instanceof SslConnection tls) {
            handshakes.remove(tls);
        }
    }

    @Override
    public boolean isDue(long nanoTime) {
        boolean due = nanoTime - round >= ROUND;
        if (due) {
            round = nanoTime;
        }
        return due;
    }

    @Override
    public void act() {
        long now = round;
        long timeout = settings.current().headTimeout().toNanos();
        handshakes.forEach((connection, begun) -> {
            if (!connection.getSSLEngine().getSession().getCipherSuite().equals(NO_CIPHER)) {
                handshakes.remove(connection);
            } else if (now - begun >= timeout) {
                handshakes.remove(connection);
                connection.getEndPoint().close();
            }
        });
        heads.forEach((connection, head) -> {
            if (head.isLate(connection.getBytesIn(), now, timeout)) {
                heads.remove(connection);
                EndPoint endPoint = connection.getEndPoint();
                endPoint.write(Callback.from(endPoint::close), ByteBuffer.wrap(timeoutAnswer));
            }
        });
    }

    /** Let go of Jetty. */
    @Deactivate
    void close() {
        watch.close();
        connectors.forEach(this::giveBack);
    }

    /** What is known of the head that a connection awaits. */
    private static final class Head {
        private static final long UNKNOWN = -1;

        private volatile boolean handling;
        private volatile long bytesBefore;
        private volatile long begun;

        /** Jetty may still read the rest of the last body: what belongs to it is known in the next round. */
        void await() {
            bytesBefore = UNKNOWN;
            begun = 0;
            handling = false;
        }

        boolean isLate(long bytesIn, long now, long timeout) {
            if (handling) {
                return false;
            }
            if (bytesBefore == UNKNOWN) {
                bytesBefore = bytesIn;
            }
            if (bytesIn <= bytesBefore) {
                return false;
            }
            if (begun == 0) {
                begun = now;
            }
            return now - begun >= timeout;
        }
    }
}
