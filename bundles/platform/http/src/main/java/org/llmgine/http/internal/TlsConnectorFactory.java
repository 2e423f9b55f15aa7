package org.llmgine.http.internal;

import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Offers the HTTPS listener to Jetty; switched on by {@link TlsListener} when it has a port. */
@Component(name = TlsConnectorFactory.NAME, enabled = false)
public final class TlsConnectorFactory implements ConnectorFactory {
    static final String NAME = "org.llmgine.http.internal.TlsConnectorFactory";

    private final TlsListener listener;

    @Activate
    public TlsConnectorFactory(@Reference TlsListener listener) {
        this.listener = listener;
    }

    @Override
    public Connector createConnector(Server server) {
        return listener.connector(server);
    }
}
