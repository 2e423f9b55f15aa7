package org.llmgine.itest.tool.hostile.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.service.component.annotations.Component;

/** Does harm in one way, and never gives a result of use. */
@LlmginePlugin(id = "hostile", kind = LlmginePlugin.TOOL)
abstract class HostileTool implements Tool<HostileTool.Arguments> {
    private static final int MANY = 1000;
    private static final int MIB = 1 << 20;

    private final String name;

    HostileTool(String name) {
        this.name = name;
    }

    /** None. */
    public record Arguments() {}

    @Override
    public ToolDefinition<Arguments> definition() {
        return ToolDefinition.of(name, "Do harm.", Arguments.class);
    }

    @Override
    public ToolResult call(Arguments arguments, ToolContext context) {
        harm();
        return ToolResult.text("harmed");
    }

    abstract void harm();

    /** Throws what is no report. */
    @Component(service = Tool.class)
    public static final class Throwing extends HostileTool {
        public Throwing() {
            super("throwing");
        }

        @Override
        void harm() {
            throw new IllegalStateException("a defect on purpose");
        }
    }

    /** Has lost a class. */
    @Component(service = Tool.class)
    public static final class Unlinked extends HostileTool {
        public Unlinked() {
            super("unlinked");
        }

        @Override
        void harm() {
            throw new NoClassDefFoundError("org/example/Gone");
        }
    }

    /** Waits forever, and doesn't care who interrupts it. */
    @Component(service = Tool.class)
    public static final class Blocking extends HostileTool {
        public Blocking() {
            super("blocking");
        }

        @Override
        void harm() {
            while (true) {
                LockSupport.park();
                boolean ignored = Thread.interrupted();
            }
        }
    }

    /** Computes forever. */
    @Component(service = Tool.class)
    public static final class Looping extends HostileTool {
        public Looping() {
            super("looping");
        }

        @Override
        void harm() {
            while (true) {
                Thread.onSpinWait();
            }
        }
    }

    /** Starts many threads that never end. */
    @Component(service = Tool.class)
    public static final class Forking extends HostileTool {
        public Forking() {
            super("forking");
        }

        @Override
        void harm() {
            for (int i = 0; i < MANY; i++) {
                Thread.ofPlatform().daemon().name("hostile-" + i).start(() -> {
                    while (true) {
                        LockSupport.park();
                    }
                });
            }
        }
    }

    /** Takes the heap until nothing is left, and holds it for as long as its call. */
    @Component(service = Tool.class)
    public static final class Hoarding extends HostileTool {
        public Hoarding() {
            super("hoarding");
        }

        @Override
        void harm() {
            List<byte[]> hoard = new ArrayList<>();
            while (true) {
                hoard.add(new byte[MIB]);
            }
        }
    }
}
