package ${package};

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;

/**
 * A rule: where the question is found in a prompt, the answer is given.
 *
 * @param question a regular expression
 * @param answer the answer, in which {@code $1} is what the first group found
 */
record Rule(Pattern question, String answer) {
    private static final String ARROW = " => ";

    /**
     * Read a rule.
     *
     * @throws LlmgineException {@code invalid_request}, which names the setting and what is wrong
     */
    static Rule parse(String text) {
        int arrow = text.indexOf(ARROW);
        if (arrow <= 0) {
            throw refused("The rule '" + text + "' lacks '" + ARROW + "' between the question and the answer.");
        }
        try {
            return new Rule(
                    Pattern.compile(text.substring(0, arrow), Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE),
                    text.substring(arrow + ARROW.length()));
        } catch (PatternSyntaxException e) {
            throw refused("The question of the rule '" + text + "' is no regular expression: " + e.getDescription() + ".");
        }
    }

    Optional<String> answer(String prompt) {
        Matcher found = question.matcher(prompt);
        if (!found.find()) {
            return Optional.empty();
        }
        String text = answer;
        for (int group = found.groupCount(); group > 0; group--) {
            text = text.replace("$" + group, Optional.ofNullable(found.group(group)).orElse(""));
        }
        return Optional.of(text);
    }

    private static LlmgineException refused(String message) {
        return new LlmgineException(ErrorCode.INVALID_REQUEST, message).withField("rules");
    }
}
