package org.llmgine.core.internal;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.command.AuditEntry;
import org.llmgine.core.command.AuditedCommand;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.spi.AuditStore;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes down who changed what. What can't be written down is said in the log: the change itself is not undone. */
@Component(service = Audit.class, configurationPid = Audit.PID)
@Designate(ocd = AuditConfig.class)
public final class Audit implements HostTimer.Watch {
    static final String PID = "org.llmgine.core.audit";

    private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
    private static final Duration BETWEEN_PURGES = Duration.ofHours(1);
    private static final int RADIX = 36;

    private final AuditStore store;
    private final InstantSource clock;
    private final HostTimer.Registration purging;
    private final String run = Long.toUnsignedString(new SecureRandom().nextLong(), RADIX);
    private final AtomicLong last = new AtomicLong();
    private volatile Duration retention;
    private volatile long nextPurge = System.nanoTime();

    /** Begin to purge what is too old. */
    @Activate
    public Audit(AuditConfig config, @Reference AuditStore store, @Reference HostTimer timer) {
        this(config, store, timer, InstantSource.system());
    }

    Audit(AuditConfig config, AuditStore store, HostTimer timer, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        retention = Duration.ofDays(config.retentionDays());
        purging = timer.watch(this);
    }

    @Modified
    void modified(AuditConfig config) {
        retention = Duration.ofDays(config.retentionDays());
        nextPurge = System.nanoTime();
    }

    @Deactivate
    void close() {
        purging.close();
    }

    /** Write down what succeeded. */
    <R> void succeeded(AuditedCommand<R> command, R result) {
        if (command.isAudited(Optional.of(result))) {
            write(command, AuditEntry.OK, command.details(result));
        }
    }

    /** Write down what failed or was refused. */
    void failed(AuditedCommand<?> command, LlmgineException failure) {
        if (command.isAudited(Optional.empty())) {
            write(command, failure.code().name(), failure.getMessage());
        }
    }

    private void write(AuditedCommand<?> command, String outcome, String details) {
        Instant now = clock.instant();
        Principal principal = command.principal();
        AuditEntry entry = new AuditEntry(
                id(now),
                now,
                principal.name(),
                principal.roles(),
                command.getClass().getSimpleName(),
                command.target(),
                outcome,
                details,
                command.sessionId(),
                "");
        try {
            store.append(entry);
        } catch (RuntimeException e) {
            LOG.error("The audit can't keep {}: {}", entry, e.getMessage());
        }
    }

    /** Make an id that is greater than all before it, of all hosts whose clocks agree. */
    private String id(Instant now) {
        long nanos = Duration.between(Instant.EPOCH, now).toNanos();
        return "audit_%016x-%s".formatted(last.accumulateAndGet(nanos, (former, at) -> Math.max(former + 1, at)), run);
    }

    List<AuditEntry> list(ListAudit command) {
        if (command.limit() < 1 || command.limit() > ListAudit.MOST) {
            throw new LlmgineException(ErrorCode.INVALID_REQUEST, "'limit' must be from 1 to " + ListAudit.MOST + ".")
                    .withField("limit");
        }
        return store.list(command.filterPrincipal(), command.action(), command.after(), command.limit());
    }

    @Override
    public boolean isDue(long nanoTime) {
        return nanoTime - nextPurge >= 0;
    }

    @Override
    public void act() {
        nextPurge = System.nanoTime() + BETWEEN_PURGES.toNanos();
        try {
            int purged = store.purge(clock.instant().minus(retention));
            if (purged > 0) {
                LOG.info("{} entries of the audit were older than {} days and are gone.", purged, retention.toDays());
            }
        } catch (RuntimeException e) {
            LOG.warn("The audit can't be purged now: {}", e.getMessage());
        }
    }
}
