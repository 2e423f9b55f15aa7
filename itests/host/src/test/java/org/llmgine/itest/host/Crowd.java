package org.llmgine.itest.host;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Many clients at a time, each on a virtual thread. */
final class Crowd<T> implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<T>> results;

    private Crowd(int size, Callable<T> client) {
        results = IntStream.range(0, size).mapToObj(i -> threads.submit(client)).toList();
    }

    static <T> Crowd<T> of(int size, Callable<T> client) {
        return new Crowd<>(size, client);
    }

    boolean isDone() {
        return results.stream().allMatch(Future::isDone);
    }

    List<T> results() throws InterruptedException, ExecutionException {
        for (Future<T> result : results) {
            result.get();
        }
        return results.stream().map(Future::resultNow).toList();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
