package org.llmgine.bus.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.databind.util.LRUMap;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.MessageContext;
import org.llmgine.api.bus.Secret;
import org.llmgine.bus.StoredMessage;

/** Writes messages as JSON that outlives their classes, and reads them again. */
final class Messages {
    private final Bundles bundles;

    /** Knows which bundle a class is from, and finds it again. */
    interface Bundles {
        /** Return the symbolic name of the bundle that holds a class; empty for none. */
        String nameOf(Class<?> type);

        /** Find a class by its bundle and name; empty while the bundle isn't there. */
        Optional<Class<?>> find(String bundle, String className);
    }

    Messages(Bundles bundles) {
        this.bundles = bundles;
    }

    StoredMessage store(MessageContext context, Object message, String kind) {
        TypeInfo info = TypeInfo.of(message.getClass());
        if (message.getClass().isAnnotationPresent(Secret.class)) {
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST,
                    "A message of the type '" + info.name() + "' holds a secret and is not stored.");
        }
        return new StoredMessage(
                kind,
                info.name(),
                info.version(),
                bundles.nameOf(message.getClass()),
                message.getClass().getName(),
                write(message),
                context.session(),
                context.principal(),
                context.metadata(),
                context.idempotencyKey(),
                context.cause());
    }

    /**
     * Read a message again.
     *
     * @throws LlmgineException {@code unavailable} while its bundle isn't there, {@code invalid_request} when its type has
     *     changed too much
     */
    Object read(StoredMessage stored) {
        Class<?> type = bundles.find(stored.bundle(), stored.className())
                .orElseThrow(() -> new LlmgineException(
                                ErrorCode.UNAVAILABLE,
                                "The type '" + stored.type() + "' isn't there: the bundle '" + stored.bundle()
                                        + "' is not active.")
                        .withHint("Install it."));
        TypeInfo info = TypeInfo.of(type);
        if (info.version() != stored.version()) {
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST,
                    "The message was stored in version " + stored.version() + " of '" + stored.type()
                            + "', which is now in version " + info.version() + ".");
        }
        try {
            // A mapper for each read: its caches would keep the classes of bundles that have gone.
            return mapper().readValue(stored.payload(), type);
        } catch (JsonProcessingException e) {
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST,
                    "The message of the type '" + stored.type() + "' can't be read: its components have changed.",
                    e);
        }
    }

    /**
     * Write a message for who watches, who never makes a message of it again.
     *
     * @throws LlmgineException {@code invalid_request} when it can't be written
     */
    static String json(Object message) {
        try {
            return mapper().writeValueAsString(message);
        } catch (JsonProcessingException | RuntimeException | StackOverflowError | LinkageError e) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "Its content can't be written as JSON.", e);
        }
    }

    private static String write(Object message) {
        try {
            ObjectMapper mapper = mapper();
            String json = mapper.writeValueAsString(message);
            // What comes back as another message is told now, when nothing is lost yet.
            if (message.getClass().isRecord() && message.equals(mapper.readValue(json, message.getClass()))) {
                return json;
            }
        } catch (JsonProcessingException e) {
            throw unstorable(message, e);
        }
        throw unstorable(message, null);
    }

    private static LlmgineException unstorable(Object message, @Nullable Exception cause) {
        String text =
                "A message of the type '" + TypeInfo.of(message.getClass()).name() + "' can't be stored.";
        String hint = "Only records whose components are data can.";
        return (cause == null
                        ? new LlmgineException(ErrorCode.INVALID_REQUEST, text)
                        : new LlmgineException(ErrorCode.INVALID_REQUEST, text, cause))
                .withHint(hint);
    }

    private static ObjectMapper mapper() {
        return JsonMapper.builder()
                .typeFactory(TypeFactory.defaultInstance().withCache(new LRUMap<>(4, 64)))
                .addModules(new Jdk8Module(), new JavaTimeModule())
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
                .disable(DeserializationFeature.ADJUST_DATES_TO_CONTEXT_TIME_ZONE)
                .build();
    }
}
