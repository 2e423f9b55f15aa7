package org.llmgine.http.internal;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.propertytypes.ServiceRanking;
import org.osgi.service.servlet.context.ServletContextHelper;
import org.osgi.service.servlet.whiteboard.propertytypes.HttpWhiteboardContext;

/** The API's own context: asked last, so that it answers what no other servlet does and hides none. */
@Component(service = ServletContextHelper.class)
@HttpWhiteboardContext(name = RestContext.NAME, path = "/")
@ServiceRanking(Integer.MIN_VALUE)
public final class RestContext extends ServletContextHelper {
    static final String NAME = "org.llmgine.http";

    @Activate
    public RestContext() {}
}
