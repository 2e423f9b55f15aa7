package org.llmgine.tool.calculator.internal;

import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.Description;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.service.component.annotations.Component;

/** Calculates with exact decimals. */
@LlmginePlugin(
        id = "calculator",
        kind = LlmginePlugin.TOOL,
        name = "Calculator",
        description = "Calculates with exact decimals.",
        author = "LLMgine")
@Component
public final class CalculatorTool implements Tool<CalculatorTool.Arguments> {
    public record Arguments(
            @Description("The expression, for example (17 + 4) * 23 / 1.5 or round(sqrt(2), 4).")
            String expression) {}

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of(
                "calculator",
                "Calculate an arithmetic expression with exact decimals. Operators: + - * / % (remainder) ^ (power) and"
                        + " parentheses; functions: sqrt, abs, min, max, round(x, decimals), floor, ceil; constants: pi, e.",
                Arguments.class);
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) {
        try {
            return ToolResult.text(Expression.evaluate(arguments.expression()).toString());
        } catch (ExpressionException e) {
            return ToolResult.error("Can't calculate this: " + e.getMessage() + ".");
        }
    }
}
