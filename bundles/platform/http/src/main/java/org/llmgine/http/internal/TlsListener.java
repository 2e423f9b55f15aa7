package org.llmgine.http.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.Result;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.llmgine.bus.HostTimer;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens HTTPS beside the plain listener, with the plain one's limits, and reads the certificate again when its files or the
 * settings change. Connections that are open keep theirs.
 */
@Component(
        service = {TlsListener.class, HealthCheck.class},
        configurationPid = TlsListener.PID,
        property = {HealthCheck.NAME + "=https", HealthCheck.TAGS + "=" + Readiness.TAG})
@Designate(ocd = TlsConfig.class)
public final class TlsListener implements HealthCheck, HostTimer.Watch {
    static final String PID = "org.llmgine.http.tls";

    private static final Logger LOG = LoggerFactory.getLogger(TlsListener.class);
    private static final long ROUND = Duration.ofSeconds(1).toNanos();
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    /** Beside what Jetty leaves out: without forward secrecy, without authenticated encryption. */
    private static final String[] NO_CIPHERS = {"^.*_CBC_.*$"};

    private final Runnable open;
    private final Connections connections;
    private final HostTimer.Registration watch;
    private final char[] password;
    private volatile Settings settings;
    private volatile long round = System.nanoTime();
    private volatile @Nullable Listening listening;

    private volatile @Nullable TlsMaterial material;
    private volatile String problem = "";
    /** What was last made use of, or found wrong. */
    private TlsFiles.@Nullable Contents tried;
    /** What is new, and may still be being written. */
    private TlsFiles.@Nullable Contents seen;

    /** Take the settings; Jetty asks for the listener itself when it is there. */
    @Activate
    public TlsListener(
            ComponentContext context,
            TlsConfig config,
            @Reference Connections connections,
            @Reference HostTimer timer) {
        this(() -> context.enableComponent(TlsConnectorFactory.NAME), config, connections, timer, System::getenv);
    }

    TlsListener(
            Runnable open,
            TlsConfig config,
            Connections connections,
            HostTimer timer,
            Function<String, @Nullable String> environment) {
        this.open = open;
        this.connections = connections;
        password = Objects.requireNonNullElse(environment.apply(TlsMaterial.PASSWORD), "")
                .toCharArray();
        settings = Settings.of(config);
        watch = timer.watch(this);
        openIfSet();
    }

    @Modified
    void modified(TlsConfig config) {
        Settings now = Settings.of(config);
        settings = now;
        Listening listener = listening;
        if (listener == null) {
            openIfSet();
        } else if (now.port() != listener.settings().port()
                || !now.host().equals(listener.settings().host())) {
            LOG.warn(
                    "{} has another host or port: a restart is needed. HTTPS stays on {} until then.",
                    PID,
                    listener.settings().address());
        }
    }

    @Deactivate
    void close() {
        watch.close();
    }

    private void openIfSet() {
        if (settings.port() > 0) {
            open.run();
        } else if (settings.files().certificate() != null) {
            LOG.warn("A certificate is set, but no port: HTTPS is off. LLMGINE_HTTPS_PORT is its port.");
        }
    }

    /** Make the listener for a server whose plain listener is there; the server starts it. */
    Connector connector(Server server) {
        ServerConnector plain = Arrays.stream(server.getConnectors())
                .filter(ServerConnector.class::isInstance)
                .map(ServerConnector.class::cast)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("The plain HTTP listener is missing; HTTPS follows it."));
        HttpConnectionFactory plainHttp = plain.getConnectionFactory(HttpConnectionFactory.class);
        HttpConfiguration configuration = new HttpConfiguration(plainHttp.getHttpConfiguration());
        // Clients may name the host as they like: there is one certificate.
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        HttpConnectionFactory http = new HttpConnectionFactory(configuration);
        http.setInputBufferSize(plainHttp.getInputBufferSize());

        SslContextFactory.Server ssl = new SslContextFactory.Server();
        ssl.setIncludeProtocols(PROTOCOLS);
        ssl.addExcludeCipherSuites(NO_CIPHERS);
        ssl.setRenegotiationAllowed(false);

        Settings now = settings;
        ServerConnector connector = new ServerConnector(
                server,
                plain.getAcceptors(),
                plain.getSelectorManager().getSelectorCount(),
                new SslConnectionFactory(ssl, HttpVersion.HTTP_1_1.asString()),
                http);
        connector.setPort(now.port());
        connector.setHost(now.host().isEmpty() ? null : now.host());
        connector.setIdleTimeout(plain.getIdleTimeout());
        connector.setAcceptQueueSize(plain.getAcceptQueueSize());
        synchronized (this) {
            TlsMaterial former = material;
            ssl.setSslContext(former == null ? TlsMaterial.emptyContext() : former.context());
            listening = new Listening(now, ssl, connector);
            use(now.files().read());
        }
        connections.adopt(connector);
        return connector;
    }

    @Override
    public boolean isDue(long nanoTime) {
        boolean due = listening != null && nanoTime - round >= ROUND;
        if (due) {
            round = nanoTime;
        }
        return due;
    }

    /** Look at the files; what has changed is used once it has stayed the same for a round. */
    @Override
    public synchronized void act() {
        TlsFiles.Contents now = settings.files().read();
        if (!now.equals(tried) && now.equals(seen)) {
            use(now);
        }
        seen = now;
    }

    private void use(TlsFiles.Contents contents) {
        tried = contents;
        try {
            TlsMaterial fresh = contents.material(password);
            SSLContext context = fresh.context();
            Listening listener = Objects.requireNonNull(listening);
            listener.ssl().reload(factory -> factory.setSslContext(context));
            material = fresh;
            problem = "";
            LOG.info("HTTPS shows the certificate of {}.", fresh);
            fresh.warning(Instant.now()).ifPresent(LOG::warn);
        } catch (TlsProblem e) {
            problem = e.getMessage();
            LOG.error(
                    "{} {}",
                    problem,
                    material == null ? "HTTPS has no certificate until it is mended." : "The last good one stays.");
        } catch (Exception e) {
            problem = "The certificate can't be used.";
            LOG.error(problem, e);
        }
    }

    @Override
    public Result execute() {
        if (settings.port() == 0 && listening == null) {
            return new Result(Result.Status.OK, "off");
        }
        Listening listener = listening;
        if (listener == null || !listener.connector().isRunning()) {
            return new Result(
                    Result.Status.TEMPORARILY_UNAVAILABLE,
                    "HTTPS does not listen on " + settings.address() + "; the log says why");
        }
        if (material == null) {
            return new Result(Result.Status.TEMPORARILY_UNAVAILABLE, problem);
        }
        return new Result(
                Result.Status.OK,
                problem.isEmpty() ? "on " + listener.settings().address() : problem);
    }

    /** Return where HTTPS is for people, once it is there: under the certificate's name if it listens on every address. */
    Optional<String> url() {
        Listening listener = listening;
        TlsMaterial shown = material;
        if (listener == null || shown == null) {
            return Optional.empty();
        }
        Settings opened = listener.settings();
        String host = opened.host();
        if (host.isEmpty() || host.equals("0.0.0.0") || host.equals("::")) {
            host = shown.hostName().orElse("127.0.0.1");
        }
        return Optional.of("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + listener.connector().getLocalPort());
    }

    private record Settings(int port, String host, TlsFiles files) {
        static Settings of(TlsConfig config) {
            return new Settings(config.port(), config.host().strip(), TlsFiles.of(config));
        }

        String address() {
            return (host.isEmpty() ? "all addresses, port " : host + ", port ") + port;
        }
    }

    private record Listening(Settings settings, SslContextFactory.Server ssl, ServerConnector connector) {}
}
