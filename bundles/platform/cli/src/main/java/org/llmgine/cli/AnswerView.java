package org.llmgine.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.llmgine.cli.Screen.Look;

/**
 * Shows a turn on the screen while it runs: text as it comes, reasoning dimmed, a line for each tool call that changes when the
 * result is there, and while there is nothing to read what the host does. One thread reads, the caller's writes; stopping may
 * be asked for by any.
 */
final class AnswerView {
    private static final int FRAME_MS = 100;
    private static final int EVENTS_AHEAD = 256;
    private static final String FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private static final String PLAIN_FRAMES = "|/-\\";
    private static final int SHOWN_ARGUMENTS = 200;
    private static final int LONG_SILENCE_MS = 3_000;

    /** A tool that runs. */
    private record Call(String name, String arguments, long began) {
        String title() {
            return arguments.isEmpty() || arguments.equals("{}") ? name : name + " " + arguments;
        }
    }

    /** What the reading thread tells besides events. */
    private static final String LOST = "connection";

    private static final String FAILED = "failed";

    private final Screen screen;
    private final String frames;
    private final boolean signs;
    private final BlockingQueue<TurnEvent> events = new ArrayBlockingQueue<>(EVENTS_AHEAD);
    private final AtomicInteger stops = new AtomicInteger();
    private final Map<String, Call> calls = new LinkedHashMap<>();
    private final long began = System.nanoTime();

    private String status = "Waiting for the host";
    private boolean reasoning;
    private boolean writing;
    private boolean cancelled;
    private boolean lost;
    private long lastEvent = began;
    private int frame;

    AnswerView(Screen screen, boolean unicode) {
        this.screen = screen;
        this.signs = unicode;
        this.frames = unicode ? FRAMES : PLAIN_FRAMES;
    }

    /** Stop the answer; asked a second time, don't wait until the host has stopped it. */
    void stop() {
        stops.incrementAndGet();
    }

    /** Tell that the connection is lost and an attempt to go on begins. */
    void lost(int attempt) {
        put(new TurnEvent(LOST, Map.of("attempt", attempt)));
    }

    /**
     * Show a turn to its end.
     *
     * @param stream the turn
     * @param cancel cancels it at the host
     * @param asks is given what a person is asked to approve; tells whether to read on
     */
    void show(TurnStream stream, Runnable cancel, Predicate<TurnEvent> asks) throws InterruptedException {
        Thread reader = Thread.ofPlatform().daemon().name("llmgine-turn").start(() -> read(stream));
        try (stream) {
            while (true) {
                TurnEvent event = events.poll(FRAME_MS, TimeUnit.MILLISECONDS);
                if (stops.get() > 0 && !cancelled && !stream.turn().isEmpty()) {
                    cancelled = true;
                    status = "Stopping";
                    Thread.ofPlatform().daemon().name("llmgine-cancel").start(cancel);
                }
                if (stops.get() > (cancelled ? 1 : 2)) {
                    screen.line(screen.styled(Look.DIM, "Left; the host may go on with this answer for a while."));
                    return;
                }
                if (event == null) {
                    tick();
                } else if (event.name().equals("approval_required")) {
                    endWriting();
                    screen.endLine();
                    if (!asks.test(event)) {
                        return;
                    }
                    status = "Waiting for an approval";
                } else if (!show(event)) {
                    return;
                }
            }
        } finally {
            reader.interrupt();
        }
    }

    private void read(TurnStream stream) {
        try {
            for (TurnEvent event = stream.next(); event != null; event = stream.next()) {
                put(event);
            }
        } catch (HostException e) {
            put(new TurnEvent(FAILED, Map.of("message", String.valueOf(e.getMessage()))));
        }
    }

    private void put(TurnEvent event) {
        try {
            events.put(event);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody shows it any more
        }
    }

    /** Show an event; false after the last one. */
    private boolean show(TurnEvent event) {
        lost = event.name().equals(LOST);
        lastEvent = System.nanoTime();
        switch (event.name()) {
            case "delta" -> answer(event.text("text") + event.text("refusal"));
            case "reasoning" -> reason(event.text("text"));
            case "tool_call" -> call(event);
            case "tool_result" -> result(event);
            case "status" -> status(event);
            case "approval_decided" -> status = "Going on";
            case LOST -> lost(event);
            case "done" -> done(event.turn());
            case "error", FAILED -> failed(event);
            default -> {} // a kind that came later
        }
        return !event.last() && !event.name().equals(FAILED);
    }

    private void answer(String text) {
        if (reasoning) {
            reasoning = false;
            screen.endLine();
            screen.line("");
        }
        if (!text.isEmpty()) {
            writing = true;
            screen.text(Look.PLAIN, text);
        }
    }

    private void reason(String text) {
        if (!reasoning) {
            reasoning = true;
            screen.line(screen.styled(Look.DIM, "Thinking:"));
        }
        writing = true;
        screen.text(Look.DIM, text);
    }

    private void call(TurnEvent event) {
        String arguments = event.text("arguments");
        calls.put(
                event.text("id"),
                new Call(
                        Text.line(event.text("name")),
                        Text.line(arguments.substring(0, Math.min(arguments.length(), SHOWN_ARGUMENTS))),
                        System.nanoTime()));
        endWriting();
        tick();
    }

    private void result(TurnEvent event) {
        Call call = calls.remove(event.text("id"));
        boolean bad = Boolean.TRUE.equals(Json.at(event.data(), "isError"));
        String title = call == null ? Text.line(event.text("name")) : call.title();
        String took = Text.took(Json.number(event.data(), "elapsedMs"));
        String text = event.text("text");
        String result = Text.line(text.substring(0, Math.min(text.length(), SHOWN_ARGUMENTS)));
        endWriting();
        String mark = screen.styled(bad ? Look.BAD : Look.GOOD, signs ? bad ? "✗" : "✓" : bad ? "!" : "*");
        String arrow = signs ? "→ " : "-> ";
        String whole = title + " " + arrow + result;
        int room = screen.width() - 2 - took.length() - 3;
        if (Text.width(whole) <= room) {
            screen.line(mark + " " + whole + screen.styled(Look.DIM, "  " + took));
        } else {
            screen.line(mark + " " + Text.cut(title, room) + screen.styled(Look.DIM, "  " + took));
            screen.line("  " + arrow + Text.cut(result, screen.width() - 2 - arrow.length()));
        }
        status = "Going on";
        tick();
    }

    private void status(TurnEvent event) {
        String text = event.text("text");
        String model = event.text("model");
        if (!text.isEmpty()) {
            status = text;
        } else if (!model.isEmpty()) {
            status = "Asking " + model;
        }
        if (!writing) {
            tick();
        }
    }

    private void lost(TurnEvent event) {
        status = "Connection lost; trying to go on (" + Json.number(event.data(), "attempt") + " of "
                + TurnStream.ATTEMPTS + ")";
        if (screen.moving()) {
            tick();
        } else {
            screen.line(status);
        }
    }

    private void endWriting() {
        reasoning = false;
        if (writing) {
            writing = false;
            screen.endLine();
        }
    }

    /** Draw the lines that change, where no text is being written. */
    private void tick() {
        if (writing && calls.isEmpty() && !cancelled && !lost && since(lastEvent) < LONG_SILENCE_MS) {
            return;
        }
        String sign = frames.substring(frame, frame + 1);
        frame = (frame + 1) % frames.length();
        List<String> lines = new ArrayList<>();
        for (Call call : calls.values()) {
            String took = Text.took(since(call.began()));
            lines.add(sign + " " + Text.cut(call.title(), screen.width() - 4 - took.length()) + "  " + took);
        }
        if (calls.isEmpty() || cancelled || lost) {
            String waited = since(began) < 1_000 ? "" : "  " + since(began) / 1_000 + " s";
            String line = sign + " " + status + waited;
            String hint = "  Ctrl-C stops";
            lines.add(cancelled || Text.width(line + hint) > screen.width() ? line : line + hint);
        }
        screen.change(lines, Look.DIM);
    }

    private static long since(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    private void done(@Nullable Object turn) {
        screen.endLine();
        switch (Json.text(turn, "finishReason")) {
            case "length" -> screen.line(screen.styled(Look.BAD, "The answer is cut at the token limit."));
            case "content_filter" ->
                screen.line(screen.styled(Look.BAD, "The answer is cut by the provider's content filter."));
            default -> {}
        }
        StringBuilder line = new StringBuilder(Text.line(Json.text(turn, "model")));
        long tokens = Json.number(turn, "usage", "totalTokens");
        if (tokens > 0) {
            line.append(", ").append(Text.count(tokens, "token"));
        }
        line.append(line.isEmpty() ? "" : ", ").append(Text.took(since(began)));
        screen.line(screen.styled(Look.DIM, Text.cut(line.toString(), screen.width())));
    }

    private void failed(TurnEvent event) {
        screen.endLine();
        if (event.text("code").equals("cancelled")) {
            screen.line(screen.styled(Look.DIM, "Stopped."));
            return;
        }
        screen.text(Look.BAD, event.text("message"));
        screen.endLine();
        String hint = event.text("hint");
        if (!hint.isEmpty()) {
            screen.line(Text.plain(hint));
        }
    }
}
