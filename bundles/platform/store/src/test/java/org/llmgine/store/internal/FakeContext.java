package org.llmgine.store.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** Is as much of a framework as the store asks: a data folder, services, and an end. */
final class FakeContext {
    final Map<Class<?>, Object> services = new LinkedHashMap<>();
    final AtomicBoolean stopped = new AtomicBoolean();
    private final Path data;

    FakeContext(Path data) {
        this.data = data;
    }

    <S> Optional<S> service(Class<S> type) {
        return Optional.ofNullable(type.cast(services.get(type)));
    }

    BundleContext context() {
        return proxy(BundleContext.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "getProperty" -> arguments[0].equals("karaf.data") ? data.toString() : null;
            case "registerService" -> {
                Class<?> type = (Class<?>) arguments[0];
                services.put(type, arguments[1]);
                yield proxy(ServiceRegistration.class, (registration, call, none) -> services.remove(type));
            }
            case "getBundle" ->
                proxy(Bundle.class, (bundle, call, none) -> {
                    stopped.set(true);
                    return null;
                });
            default -> throw new UnsupportedOperationException(method.getName());
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
