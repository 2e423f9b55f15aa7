package org.llmgine.http.internal;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.ext.RuntimeDelegate;
import java.io.IOException;
import org.glassfish.jersey.internal.inject.AbstractBinder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.server.internal.RuntimeDelegateImpl;
import org.glassfish.jersey.servlet.ServletContainer;
import org.llmgine.core.Commands;
import org.llmgine.core.HostTimer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletAsyncSupported;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletName;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardServletPattern;

/** The one Jersey application. */
@Component(service = Servlet.class)
@HttpWhiteboardContextSelect("(osgi.http.whiteboard.context.name=" + RestContext.NAME + ")")
@HttpWhiteboardServletPattern("/*")
@HttpWhiteboardServletName("llmgine-api")
@HttpWhiteboardServletAsyncSupported
public final class RestServlet extends ServletContainer {
    private static final long serialVersionUID = 1L;

    @Activate
    public RestServlet(
            @Reference Commands commands,
            @Reference HostTimer timer,
            @Reference HttpSettings settings,
            @Reference HttpMetrics metrics,
            @Reference Readiness readiness) {
        super(application(commands, timer, settings, metrics, readiness));
    }

    private static ResourceConfig application(
            Commands commands, HostTimer timer, HttpSettings settings, HttpMetrics metrics, Readiness readiness) {
        // Without this Jersey looks for its delegate through the thread's class loader and finds none.
        RuntimeDelegate.setInstance(new RuntimeDelegateImpl());
        Json json = new Json();
        return new ResourceConfig(
                        ChatResource.class,
                        ModelsResource.class,
                        InstancesResource.class,
                        LoginResource.class,
                        KeysResource.class,
                        LogsResource.class,
                        SessionsResource.class,
                        TurnsResource.class,
                        HealthResource.class,
                        RootResource.class)
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
        HeaderCheck.contentType(request.getContentType());
        super.service(request, response);
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
