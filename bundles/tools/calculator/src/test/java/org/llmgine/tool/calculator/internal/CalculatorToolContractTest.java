package org.llmgine.tool.calculator.internal;

import java.util.Map;
import org.llmgine.api.tool.Tool;
import org.llmgine.testkit.ToolContract;

class CalculatorToolContractTest extends ToolContract<CalculatorTool.Arguments> {
    @Override
    protected Tool<CalculatorTool.Arguments> newTool() {
        return new CalculatorTool();
    }

    @Override
    protected CalculatorTool.Arguments validArguments() {
        return new CalculatorTool.Arguments("(17 + 4) * 23 / 1.5");
    }

    @Override
    protected Map<CalculatorTool.Arguments, String> invalidArguments() {
        return Map.of(
                new CalculatorTool.Arguments("17 +"), "end",
                new CalculatorTool.Arguments("17 * kilos"), "kilos",
                new CalculatorTool.Arguments("1 / 0"), "zero",
                new CalculatorTool.Arguments(""), "expression");
    }

    /** As much as an expression may cost. */
    @Override
    protected CalculatorTool.Arguments longArguments() {
        return new CalculatorTool.Arguments("sqrt(".repeat(90) + "2" + ")".repeat(90));
    }
}
