package org.llmgine.http.internal;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.ext.RuntimeDelegate;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import org.glassfish.jersey.internal.inject.AbstractBinder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.server.internal.RuntimeDelegateImpl;
import org.glassfish.jersey.servlet.ServletContainer;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.Commands;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletAsyncSupported;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletName;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;

/** The one Jersey application, and the short way past it for the requests that are most and whose time counts. */
@Component(service = Servlet.class)
@HttpWhiteboardContextSelect("(osgi.http.whiteboard.context.name=" + RestContext.NAME + ")")
@HttpWhiteboardServletPattern("/*")
@HttpWhiteboardServletName("llmgine-api")
@HttpWhiteboardServletAsyncSupported
public final class RestServlet extends ServletContainer {
    private static final long serialVersionUID = 1L;

    private static final String PLAIN_JSON = MediaType.APPLICATION_JSON;
    private static final Set<String> PLAIN_ACCEPTS = Set.of("*/*", "application/json", "text/event-stream");

    private final transient ChatResource chat;
    private final transient Json json;

    @Activate
    public RestServlet(
            @Reference Commands commands,
            @Reference HostTimer timer,
            @Reference HttpSettings settings,
            @Reference HttpMetrics metrics,
            @Reference Readiness readiness) {
        Json json = new Json();
        ChatResource chat = new ChatResource(json, commands, timer, settings, metrics);
        super(application(commands, timer, settings, metrics, readiness, json, chat));
        this.json = json;
        this.chat = chat;
    }

    private static ResourceConfig application(
            Commands commands,
            HostTimer timer,
            HttpSettings settings,
            HttpMetrics metrics,
            Readiness readiness,
            Json json,
            ChatResource chat) {
        // Without this Jersey looks for its delegate through the thread's class loader and finds none.
        RuntimeDelegate.setInstance(new RuntimeDelegateImpl());
        return new ResourceConfig(
                        ModelsResource.class,
                        InstancesResource.class,
                        LoginResource.class,
                        KeysResource.class,
                        LogsResource.class,
                        EventsResource.class,
                        DeadLettersResource.class,
                        TimersResource.class,
                        AuditResource.class,
                        BackupResource.class,
                        PluginsResource.class,
                        ConfigResource.class,
                        SessionsResource.class,
                        TurnsResource.class,
                        ApprovalsResource.class,
                        HealthResource.class,
                        RootResource.class)
                .register(chat)
                .register(new FailureMapper(json))
                .register(new JsonWriter(json))
                .register(new HeaderCheck())
                .register(new AbstractBinder() {
                    @Override
                    protected void configure() {
                        bind(json).to(Json.class);
                        bind(commands).to(Commands.class);
                        bind(timer).to(HostTimer.class);
                        bind(settings).to(HttpSettings.class);
                        bind(metrics).to(HttpMetrics.class);
                        bind(readiness).to(Readiness.class);
                    }
                })
                // An absolute one would have this host's own name, where a proxy has another.
                .property(ServerProperties.LOCATION_HEADER_RELATIVE_URI_RESOLUTION_DISABLED, true)
                .property(ServerProperties.WADL_FEATURE_DISABLE, true);
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (isPlainChat(request)) {
            chat(request, response);
        } else {
            HeaderCheck.contentType(request.getContentType());
            super.service(request, response);
        }
    }

    /** Tell whether routing and the checks of headers have nothing to say; docs/decisions/0006 tells what this saves. */
    private static boolean isPlainChat(HttpServletRequest request) {
        return request.getMethod().equals("POST")
                && request.getRequestURI().equals(ChatResource.PATH)
                && PLAIN_JSON.equals(request.getContentType())
                && request.getHeader("Content-Encoding") == null
                && PLAIN_ACCEPTS.contains(Objects.requireNonNullElse(request.getHeader("Accept"), "*/*"));
    }

    private void chat(HttpServletRequest request, HttpServletResponse response) throws IOException {
        try {
            chat.complete(request, response, request.getInputStream());
        } catch (RuntimeException | Error e) {
            Problem.of(e).write(json, request, response);
        }
    }

    @Override
    public void init() throws ServletException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(RestServlet.class.getClassLoader());
        try {
            super.init();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
