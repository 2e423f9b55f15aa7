package org.llmgine.itest.bus.driver.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.bus.ListenerOptions;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.Publication;
import org.llmgine.api.bus.SendOptions;
import org.llmgine.api.tool.Tool;
import org.llmgine.api.tool.ToolContext;
import org.llmgine.api.tool.ToolDefinition;
import org.llmgine.api.tool.ToolResult;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Lets events beat in calm sessions, each waited for, and tick in others, which nobody waits for; the tool {@code busreport}
 * tells how the calm ones fare.
 */
@LlmginePlugin(id = "busreport", kind = LlmginePlugin.TOOL)
@Component(immediate = true, service = Tool.class)
public final class BusDriver implements Tool<BusDriver.Nothing> {
    private static final int SESSIONS = 8;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final Duration LONG = Duration.ofSeconds(60);

    private final MessageBus bus;
    private final List<Thread> threads = new ArrayList<>();
    private final Map<String, Integer> last = new ConcurrentHashMap<>();
    private final AtomicLong beats = new AtomicLong();
    private final AtomicLong faults = new AtomicLong();
    private final AtomicLong slowest = new AtomicLong();
    private final AtomicLong ticks = new AtomicLong();
    private volatile boolean closed;

    /** Take nothing. */
    public record Nothing() {}

    /** Begin. */
    @Activate
    public BusDriver(@Reference MessageBus bus) {
        this.bus = bus;
        bus.handle(Ask.class, (command, context) -> 2 * command.number());
        bus.listen(Beat.class, ListenerOptions.named("calm"), (event, context) -> {
            int before = last.getOrDefault(context.session(), 0);
            last.put(context.session(), event.number());
            if (event.number() != before + 1) {
                faults.incrementAndGet();
            }
        });
        for (int i = 0; i < SESSIONS; i++) {
            SendOptions calm = SendOptions.inSession("calm-" + i).withTimeout(LONG);
            SendOptions hurt = SendOptions.inSession("chaos-" + i);
            threads.add(Thread.ofVirtual().name("itest-calm").start(() -> beat(calm)));
            threads.add(Thread.ofVirtual().name("itest-chaos").start(() -> tick(hurt)));
        }
    }

    private void beat(SendOptions options) {
        for (int number = 1; !closed; number++) {
            long begun = System.nanoTime();
            Publication publication = bus.publishAndWait(new Beat(number), options);
            boolean right = publication.state() == Publication.State.HANDLED
                    && publication.failures().isEmpty()
                    && bus.execute(new Ask(number), options).orElseThrow() == 2 * number;
            long took = System.nanoTime() - begun;
            slowest.accumulateAndGet(took, Math::max);
            beats.incrementAndGet();
            if (!right) {
                faults.incrementAndGet();
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void tick(SendOptions options) {
        for (int number = 1; !closed; number++) {
            bus.publish(new Tick(number), options);
            ticks.incrementAndGet();
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    @Override
    public ToolDefinition<Nothing> definition() {
        return ToolDefinition.of("busreport", "Tell how the calm sessions fare.", Nothing.class);
    }

    /** Tell the beats and the faults since the start, and the slowest beat since the last report in milliseconds. */
    @Override
    public ToolResult call(Nothing arguments, ToolContext context) {
        return ToolResult.text(
                beats.get() + " " + faults.get() + " " + slowest.getAndSet(0) / 1_000_000 + " " + ticks.get());
    }

    @Deactivate
    void close() throws InterruptedException {
        closed = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
