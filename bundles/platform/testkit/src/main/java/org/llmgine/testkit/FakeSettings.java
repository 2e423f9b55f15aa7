package org.llmgine.testkit;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;

/** Makes the settings that a component gets at run time from its configuration. */
public final class FakeSettings {
    private FakeSettings() {}

    /**
     * Make settings of a component property type.
     *
     * @param type the annotation type, which gives the defaults
     * @param values the configured values by the methods' names
     */
    public static <S> S of(Class<S> type, Map<String, Object> values) {
        Map<String, Object> all = new HashMap<>();
        for (Method method : type.getDeclaredMethods()) {
            all.put(method.getName(), method.getDefaultValue());
        }
        if (!all.keySet().containsAll(values.keySet())) {
            throw new IllegalArgumentException(type.getName() + " has only the settings " + all.keySet() + ".");
        }
        all.putAll(values);
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> all.get(method.getName())));
    }
}
