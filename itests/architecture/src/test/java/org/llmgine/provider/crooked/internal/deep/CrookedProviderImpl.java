package org.llmgine.provider.crooked.internal.deep;

import java.util.logging.Logger;
import org.llmgine.core.Commands;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Breaks rules on purpose, to show that they can fail. */
@Component(service = CrookedProviderImpl.class)
public class CrookedProviderImpl {
    static int calls;

    @Reference
    Commands commands;

    void call(BundleContext context) throws InterruptedException {
        calls++;
        Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
        Thread.ofVirtual().start(() -> System.out.println(context)).join();
        Thread.sleep(1);
        Logger.getAnonymousLogger().info("called");
    }
}
