package org.llmgine.example.greeter;

import org.llmgine.api.tool.Tool;
import org.llmgine.testkit.ToolContract;

class GreeterToolContractTest extends ToolContract<GreeterTool.Arguments> {
    @Override
    protected Tool<GreeterTool.Arguments> newTool() {
        return new GreeterTool();
    }

    @Override
    protected GreeterTool.Arguments validArguments() {
        return new GreeterTool.Arguments("Ada");
    }

    /** Everybody is greeted. */
    @Override
    protected boolean refusesArguments() {
        return false;
    }
}
