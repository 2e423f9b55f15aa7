package org.llmgine.bus.internal;

import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.bus.Event;
import org.llmgine.api.bus.EventFilter;
import org.llmgine.api.bus.MessageContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets events pass by regular expressions, which are tried once for each class. */
@Component(
        service = EventFilter.class,
        configurationPid = PatternFilterConfig.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PatternFilterConfig.class, factory = true)
public final class PatternFilter implements EventFilter {
    private static final Logger LOG = LoggerFactory.getLogger(PatternFilter.class);

    private final Choice<String> choice;
    private final PatternFilterConfig.Subject subject;
    /** What is known of a class is kept with the class, so that no bundle is held that has gone. */
    private final ClassValue<Boolean> passing = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return choice.takes(
                    switch (subject) {
                        case TYPE -> TypeInfo.of(type).name();
                        case CLASS -> type.getSimpleName();
                    });
        }
    };

    @Activate
    public PatternFilter(PatternFilterConfig config) {
        int flags = config.caseSensitive() ? 0 : Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;
        choice = Choice.of(config.include(), config.exclude(), text -> rule(text, flags));
        subject = config.subject();
    }

    private static Predicate<String> rule(String text, int flags) {
        try {
            Pattern pattern = Pattern.compile(text, flags);
            return name -> isFound(pattern, name);
        } catch (PatternSyntaxException e) {
            throw new LlmgineException(
                    ErrorCode.INVALID_REQUEST,
                    "'" + text + "' is no regular expression: " + e.getDescription() + ".",
                    e);
        }
    }

    private static boolean isFound(Pattern pattern, String name) {
        try {
            return pattern.matcher(new Name(name)).find();
        } catch (TooManySteps e) {
            LOG.warn("The pattern '{}' takes too many steps with '{}', and counts as not found in it.", pattern, name);
            return false;
        }
    }

    @Override
    public boolean passes(Event event, MessageContext context) {
        return passing.get(event.getClass());
    }

    /** Ends a pattern that tries too many ways to match. */
    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** A name that can be read so many times only. */
    private static final class Name implements CharSequence {
        private static final int STEPS = 100_000;

        private final String text;
        private int steps;

        Name(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            steps++;
            if (steps > STEPS) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
