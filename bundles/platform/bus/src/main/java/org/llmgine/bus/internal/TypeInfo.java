package org.llmgine.bus.internal;

import org.llmgine.api.bus.MessageType;

/**
 * What a message's class says of its type.
 *
 * @param name the type's name, which is also its topic
 * @param version the version of its components
 */
record TypeInfo(String name, int version) {
    static TypeInfo of(Class<?> type) {
        MessageType named = type.getAnnotation(MessageType.class);
        return named == null
                ? new TypeInfo(type.getName().replace('.', '/'), 1)
                : new TypeInfo(named.value(), named.version());
    }
}
