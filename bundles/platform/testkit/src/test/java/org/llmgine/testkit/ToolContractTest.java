package org.llmgine.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;

/** The contract of tools lets a good tool pass, and each check finds a defect. */
class ToolContractTest {
    record Root(int of) {}

    /** Takes roots. */
    static class RootTool implements Tool<Root> {
        @Override
        public ToolDefinition<Root> definition() {
            return ToolDefinition.of("root", "Take a square root.", Root.class);
        }

        @Override
        public ToolResult call(Root arguments, ToolContext context) throws Exception {
            return arguments.of() < 0
                    ? ToolResult.error("The argument of must not be negative.")
                    : ToolResult.text(String.valueOf(Math.sqrt(arguments.of())));
        }
    }

    static class Good extends ToolContract<Root> {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool();
        }

        @Override
        protected Root validArguments() {
            return new Root(4);
        }

        @Override
        protected Map<Root, String> invalidArguments() {
            return Map.of(new Root(-1), "argument of");
        }

        @Override
        protected Duration patience() {
            return Verdict.PATIENCE;
        }
    }

    /** Uses its patience up. */
    abstract static class UsesPatienceUp extends Good {
        @Override
        protected Duration patience() {
            return Verdict.SHORT_PATIENCE;
        }
    }

    static class RefusesNothing extends Good {
        @Override
        protected boolean refusesArguments() {
            return false;
        }
    }

    static class OddName extends Good {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                @Override
                public ToolDefinition<Root> definition() {
                    return ToolDefinition.of("square root", "Take a square root.", Root.class);
                }
            };
        }
    }

    /** Has a schema of its own. */
    abstract static class WithSchema extends ToolContract<Map<String, Object>> {
        @Override
        protected Tool<Map<String, Object>> newTool() {
            return new Tool<>() {
                @Override
                public ToolDefinition<Map<String, Object>> definition() {
                    return ToolDefinition.ofSchema("any", "Take anything.", schema());
                }

                @Override
                public ToolResult call(Map<String, Object> arguments, ToolContext context) {
                    return ToolResult.text(arguments.toString());
                }
            };
        }

        abstract String schema();

        @Override
        protected Map<String, Object> validArguments() {
            return Map.of();
        }

        @Override
        protected boolean refusesArguments() {
            return false;
        }

        @Override
        protected Duration patience() {
            return Verdict.PATIENCE;
        }
    }

    static class GoodSchema extends WithSchema {
        @Override
        String schema() {
            return "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]}";
        }
    }

    static class BrokenJson extends WithSchema {
        @Override
        String schema() {
            return "{\"type\":\"object\"";
        }
    }

    static class SchemaOfNoObject extends WithSchema {
        @Override
        String schema() {
            return "{\"type\":\"string\"}";
        }
    }

    static class UndescribedProperty extends WithSchema {
        @Override
        String schema() {
            return "{\"type\":\"object\",\"properties\":{},\"required\":[\"a\"]}";
        }
    }

    static class ChangesItsMind extends Good {
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                @Override
                public ToolDefinition<Root> definition() {
                    return ToolDefinition.of("root" + asked.incrementAndGet(), "Take a square root.", Root.class);
                }
            };
        }
    }

    static class AlwaysFails extends Good {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                @Override
                public ToolResult call(Root arguments, ToolContext context) {
                    return ToolResult.error("The argument of is odd.");
                }
            };
        }
    }

    static class SaysOnlyNo extends Good {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                @Override
                public ToolResult call(Root arguments, ToolContext context) throws Exception {
                    if (arguments.of() < 0) {
                        throw new LlmgineException(ErrorCode.INVALID_REQUEST, "No.");
                    }
                    return super.call(arguments, context);
                }
            };
        }
    }

    static class TakesWhatIsWrong extends Good {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                @Override
                public ToolResult call(Root arguments, ToolContext context) {
                    return ToolResult.text("The argument of is " + arguments.of());
                }
            };
        }
    }

    static class OneAtATime extends Good {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                private final AtomicInteger inside = new AtomicInteger();
                private final CountDownLatch others = new CountDownLatch(2);

                @Override
                public ToolResult call(Root arguments, ToolContext context) throws Exception {
                    try {
                        if (inside.incrementAndGet() > 1) {
                            throw new IllegalStateException("Somebody else is here.");
                        }
                        if (arguments.of() == 4
                                && Thread.currentThread().getName().contains("beside others")) {
                            others.await(100, java.util.concurrent.TimeUnit.MILLISECONDS);
                        }
                        return super.call(arguments, context);
                    } finally {
                        inside.decrementAndGet();
                    }
                }
            };
        }
    }

    static class IgnoresItsInterrupt extends UsesPatienceUp {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                @Override
                public ToolResult call(Root arguments, ToolContext context) throws Exception {
                    if (arguments.of() == 9) {
                        new Semaphore(0).acquireUninterruptibly();
                    }
                    return super.call(arguments, context);
                }
            };
        }

        @Override
        protected Root longArguments() {
            return new Root(9);
        }
    }

    static class LeavesAThread extends UsesPatienceUp {
        final CountDownLatch over = new CountDownLatch(1);

        @Override
        protected Tool<Root> newTool() {
            CountDownLatch end = over;
            return new RootTool() {
                @Override
                public ToolResult call(Root arguments, ToolContext context) throws Exception {
                    Thread.ofPlatform().daemon().name("left").start(() -> await(end));
                    return super.call(arguments, context);
                }
            };
        }
    }

    static class LeavesAVirtualThread extends UsesPatienceUp {
        @Override
        protected Tool<Root> newTool() {
            return new RootTool() {
                @Override
                public ToolResult call(Root arguments, ToolContext context) throws Exception {
                    Thread.ofVirtual().name("left").start(() -> await(new CountDownLatch(1)));
                    return super.call(arguments, context);
                }
            };
        }
    }

    static class IsHeld extends UsesPatienceUp {
        private static final List<Object> HELD = new CopyOnWriteArrayList<>();

        @Override
        protected Tool<Root> newTool() {
            Tool<Root> tool = new RootTool();
            HELD.add(tool);
            return tool;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void goodToolsPass() {
        Verdict.assertPasses(Good.class);
        Verdict.assertPasses(GoodSchema.class, "refusesInvalidArgumentsByName");
        Verdict.assertPasses(RefusesNothing.class, "refusesInvalidArgumentsByName");
    }

    @Test
    void aBadDefinitionIsFound() {
        Verdict.assertFails(OddName.class, "isDefinedAsTheHostTakesIt");
        Verdict.assertFails(BrokenJson.class, "isDefinedAsTheHostTakesIt");
        Verdict.assertFails(SchemaOfNoObject.class, "isDefinedAsTheHostTakesIt");
        Verdict.assertFails(UndescribedProperty.class, "isDefinedAsTheHostTakesIt");
        Verdict.assertFails(ChangesItsMind.class, "isDefinedAtOnceAndAlwaysTheSame");
    }

    @Test
    void aBadAnswerIsFound() {
        Verdict.assertFails(AlwaysFails.class, "answersValidArguments", "servesManyCallsAtOnce");
        Verdict.assertFails(SaysOnlyNo.class, "refusesInvalidArgumentsByName");
        Verdict.assertFails(TakesWhatIsWrong.class, "refusesInvalidArgumentsByName");
        Verdict.assertFails(OneAtATime.class, "servesManyCallsAtOnce");
    }

    @Test
    void aToolThatCanNotBeStoppedIsFound() {
        Verdict.assertFailsAtLeast(IgnoresItsInterrupt.class, "endsWhenItIsInterrupted");
    }

    @Test
    void whatIsLeftBehindIsFound() {
        Verdict.assertFailsAtLeast(LeavesAThread.class, "leavesNothingBehind");
        Verdict.assertFailsAtLeast(LeavesAVirtualThread.class, "leavesNothingBehind");
        Verdict.assertFailsAtLeast(IsHeld.class, "leavesNothingBehind");
    }
}
