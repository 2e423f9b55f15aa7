package org.llmgine.bus.internal;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.Command;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.Interceptor;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Refuses messages that lack a session, a principal or a component.
 *
 * <p>Of a record's components it looks at those that hold references, one level deep: none may be null that isn't annotated as
 * nullable, whosever annotation that is. An {@link Optional} is no exception: a null in its place is always a mistake.
 */
@Component(
        service = Interceptor.class,
        configurationPid = ValidationConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ValidationConfig.class, factory = true)
public final class ValidationInterceptor implements Interceptor {
    private static final String NULLABLE = "Nullable";

    private final Topics topics;
    private final boolean requireSession;
    private final boolean requirePrincipal;
    private final boolean checkComponents;
    /** What is known of a class is kept with the class, so that no bundle is held that has gone. */
    private final ClassValue<List<Field>> needed = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            return type.isRecord()
                    ? Arrays.stream(type.getRecordComponents())
                            .filter(component -> !component.getType().isPrimitive() && !isNullable(component))
                            .map(component -> field(type, component.getName()))
                            .toList()
                    : List.of();
        }
    };

    @Activate
    public ValidationInterceptor(ValidationConfig config) {
        topics = new Topics(config.topics());
        requireSession = config.requireSession();
        requirePrincipal = config.requirePrincipal();
        checkComponents = config.checkComponents();
    }

    @Override
    public <R> @Nullable R aroundCommand(Command<R> command, MessageContext context, CommandChain<R> next)
            throws Exception {
        check(command, context);
        return next.proceed();
    }

    @Override
    public void aroundEvent(Event event, MessageContext context, EventChain next) throws Exception {
        check(event, context);
        next.proceed();
    }

    private void check(Object message, MessageContext context) throws IllegalAccessException {
        Optional<String> type = topics.typeOf(message);
        if (type.isEmpty()) {
            return;
        }
        if (requireSession && context.session().isEmpty()) {
            throw lacks(type.get(), "session");
        }
        if (requirePrincipal && context.principal().equals(Principal.ANONYMOUS)) {
            throw lacks(type.get(), "principal");
        }
        if (checkComponents) {
            for (Field component : needed.get(message.getClass())) {
                if (component.get(message) == null) {
                    throw lacks(type.get(), component.getName());
                }
            }
        }
    }

    private static LlmgineException lacks(String type, String field) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, "The message '" + type + "' lacks its '" + field + "'.")
                .withField(field);
    }

    private static boolean isNullable(RecordComponent component) {
        return Stream.<AnnotatedElement>of(component, component.getAnnotatedType())
                .flatMap(element -> Arrays.stream(element.getAnnotations()))
                .map(Annotation::annotationType)
                .anyMatch(annotation -> annotation.getSimpleName().equals(NULLABLE));
    }

    private static Field field(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }
}
