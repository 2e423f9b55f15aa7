package org.llmgine.core.internal;

import com.codahale.metrics.MetricRegistry;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.LlmginePlugin;
import org.llmgine.api.Principal;
import org.llmgine.api.bus.MessageBus;
import org.llmgine.api.bus.Timers;
import org.llmgine.api.engine.Engine;
import org.llmgine.api.model.ModelProvider;
import org.llmgine.api.tool.Tool;
import org.llmgine.bus.DeadLetters;
import org.llmgine.bus.EventFeed;
import org.llmgine.bus.HostTimer;
import org.llmgine.core.Commands;
import org.llmgine.core.command.Authenticate;
import org.llmgine.core.command.BackupReport;
import org.llmgine.core.command.CancelTimer;
import org.llmgine.core.command.Command;
import org.llmgine.core.command.CreateKey;
import org.llmgine.core.command.FirstStart;
import org.llmgine.core.command.FollowEvents;
import org.llmgine.core.command.FollowLogs;
import org.llmgine.core.command.GetDeadLetter;
import org.llmgine.core.command.GetTimer;
import org.llmgine.core.command.InstanceEntry;
import org.llmgine.core.command.ListAudit;
import org.llmgine.core.command.ListDeadLetters;
import org.llmgine.core.command.ListInstances;
import org.llmgine.core.command.ListKeys;
import org.llmgine.core.command.ListModels;
import org.llmgine.core.command.ListTimers;
import org.llmgine.core.command.Login;
import org.llmgine.core.command.PurgeDeadLetter;
import org.llmgine.core.command.PurgeDeadLetters;
import org.llmgine.core.command.ReadLogs;
import org.llmgine.core.command.ResolveModel;
import org.llmgine.core.command.RestoreBackup;
import org.llmgine.core.command.RetryDeadLetter;
import org.llmgine.core.command.RetryDeadLetters;
import org.llmgine.core.command.RevokeKey;
import org.llmgine.core.command.RunTurn;
import org.llmgine.core.command.VerifyPassword;
import org.llmgine.core.command.WriteBackup;
import org.llmgine.core.session.CancelTurn;
import org.llmgine.core.session.ChangeSession;
import org.llmgine.core.session.CreateSession;
import org.llmgine.core.session.DecideApproval;
import org.llmgine.core.session.DeleteSession;
import org.llmgine.core.session.EditMessage;
import org.llmgine.core.session.FollowTurn;
import org.llmgine.core.session.GetApproval;
import org.llmgine.core.session.GetSession;
import org.llmgine.core.session.GetTurn;
import org.llmgine.core.session.GetTurnMessages;
import org.llmgine.core.session.ListApprovals;
import org.llmgine.core.session.ListSessions;
import org.llmgine.core.session.ListTurns;
import org.llmgine.core.session.StartTurn;
import org.llmgine.core.spi.AccountStore;
import org.llmgine.core.spi.ActiveVersions;
import org.llmgine.core.spi.ApprovalStore;
import org.llmgine.core.spi.BackupStore;
import org.llmgine.core.spi.CommandDesk;
import org.llmgine.core.spi.SessionStore;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** Puts the host together. */
@Component(service = Commands.class, immediate = true, configurationPid = CoreSettings.PID)
@Designate(ocd = CoreSettings.class)
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"org.llmgine.core.spi.ActiveVersions\"")
@Capability(namespace = "osgi.service", attribute = "objectClass:List<String>=\"org.llmgine.core.spi.CommandDesk\"")
public final class Host implements Commands {
    private final Dispatcher dispatcher;
    private final Map<String, PluginRegistry<?>> registries = new HashMap<>();
    private final Pointers pointers = new Pointers(registries.values(), this::toolThreads);
    private final List<ServiceRegistration<?>> offered;
    private final List<PluginTracker<?, ?>> trackers;
    private final Tools tools;
    private final Sessions sessions;
    private final List<HostTimer.Registration> watches;
    private volatile Settings settings;

    /** Track the plugins and load the accounts. */
    @Activate
    public Host(
            BundleContext context,
            CoreSettings configuration,
            @Reference MessageBus bus,
            @Reference HostTimer timer,
            @Reference MetricRegistry metrics,
            @Reference AccountStore store,
            @Reference SessionStore sessionStore,
            @Reference ApprovalStore approvalStore,
            @Reference BackupStore backups,
            @Reference Logs logs,
            @Reference Audit audit,
            @Reference DeadLetters deadLetters,
            @Reference Timers timers,
            @Reference EventFeed events) {
        settings = Settings.of(configuration);
        dispatcher = new Dispatcher(bus, audit);
        Accounts accounts = new Accounts(store, AdminSecrets.of(System.getenv()), InstantSource.system());
        DataFolder folder = DataFolder.of(context);
        accounts.start(folder);

        PluginRegistry<Engine> engines = registry(LlmginePlugin.ENGINE, context, metrics, timer);
        PluginRegistry<HostedProvider> providers = registry(LlmginePlugin.PROVIDER, context, metrics, timer);
        PluginRegistry<HostedTool> hostedTools = registry(LlmginePlugin.TOOL, context, metrics, timer);
        Narrator narrator = new Narrator(bus);
        tools = new Tools(hostedTools, metrics, this::settings, bus);
        Models models = new Models(providers, this::settings, timer, System::nanoTime);
        Turns turns = new Turns(engines, models, tools, this::settings, timer, System::nanoTime, narrator);
        InstantSource clock = InstantSource.system();
        Bundle framework = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
        SessionTurns sessionTurns = new SessionTurns(
                sessionStore,
                approvalStore,
                bus,
                turns,
                this::settings,
                timer,
                System::nanoTime,
                clock,
                metrics,
                () -> framework.getState() == Bundle.STOPPING,
                narrator);
        Approvals approvals = new Approvals(approvalStore, sessionTurns, this::settings, System::nanoTime, clock, bus);
        sessions = new Sessions(
                sessionStore, sessionTurns, new SessionDrafts(engines, models, tools), this::settings, clock, metrics);

        BusDesk desk = new BusDesk(deadLetters, timers);
        dispatcher
                .open(Authenticate.class, accounts::authenticate)
                .open(Login.class, accounts::login)
                .open(VerifyPassword.class, accounts::verify)
                .internal(FirstStart.class, accounts::firstStart)
                .needing(Principal.ADMIN, CreateKey.class, accounts::createKey)
                .needing(Principal.ADMIN, ListKeys.class, accounts::listKeys)
                .needing(Principal.ADMIN, RevokeKey.class, accounts::revokeKey)
                .needing(Principal.ADMIN, WriteBackup.class, command -> backups.write(command.out()))
                .needing(Principal.ADMIN, RestoreBackup.class, command -> {
                    BackupReport report = backups.restore(command.file());
                    accounts.restored(folder);
                    return report;
                })
                .needing(Principal.ADMIN, ListAudit.class, audit::list)
                .needing(Principal.OPERATOR, ReadLogs.class, logs::read)
                .needing(Principal.OPERATOR, FollowLogs.class, logs::follow)
                .needing(Principal.OPERATOR, ListDeadLetters.class, desk::list)
                .needing(Principal.OPERATOR, GetDeadLetter.class, command -> deadLetters.get(command.letter()))
                .needing(Principal.OPERATOR, RetryDeadLetter.class, command -> deadLetters.retry(command.letter()))
                .needing(Principal.OPERATOR, RetryDeadLetters.class, command -> deadLetters.retryAll(command.type()))
                .needing(Principal.OPERATOR, PurgeDeadLetter.class, desk::purge)
                .needing(Principal.OPERATOR, PurgeDeadLetters.class, command -> deadLetters.purgeAll(command.type()))
                .needing(Principal.OPERATOR, ListTimers.class, command -> timers.list(command.after(), command.limit()))
                .needing(Principal.OPERATOR, GetTimer.class, desk::find)
                .needing(Principal.OPERATOR, CancelTimer.class, desk::cancel)
                .needing(Principal.OPERATOR, FollowEvents.class, command -> events.follow(command.selection()))
                .needing(Principal.VIEWER, ListModels.class, command -> models.list(engines.names()))
                .needing(Principal.VIEWER, ResolveModel.class, command -> models.describe(command.model(), engines))
                .needing(Principal.VIEWER, ListInstances.class, this::instances)
                .needing(Principal.USER, RunTurn.class, turns::run)
                .needing(Principal.USER, CreateSession.class, sessions::create)
                .needing(Principal.USER, ListSessions.class, sessions::list)
                .needing(Principal.USER, GetSession.class, sessions::get)
                .needing(Principal.USER, ChangeSession.class, sessions::change)
                .needing(Principal.USER, DeleteSession.class, sessions::delete)
                .needing(Principal.USER, EditMessage.class, sessions::edit)
                .needing(Principal.USER, StartTurn.class, sessions::start)
                .needing(Principal.USER, ListTurns.class, sessions::turns)
                .needing(Principal.USER, GetTurn.class, sessions::turn)
                .needing(Principal.USER, GetTurnMessages.class, sessions::messages)
                .needing(Principal.USER, FollowTurn.class, sessions::follow)
                .needing(Principal.USER, CancelTurn.class, sessions::cancel)
                .needing(Principal.USER, ListApprovals.class, approvals::list)
                .needing(Principal.USER, GetApproval.class, approvals::get)
                .byFaces(
                        context.getBundle().getSymbolicName(), Principal.USER, DecideApproval.class, approvals::decide);

        trackers = List.of(
                new PluginTracker<Engine, Engine>(
                        context, Engine.class, LlmginePlugin.ENGINE, engines, PluginTracker.Bound::new, this::settings),
                new PluginTracker<ModelProvider, HostedProvider>(
                        context,
                        ModelProvider.class,
                        LlmginePlugin.PROVIDER,
                        providers,
                        (origin, provider) -> new PluginTracker.Bound<>(origin, new HostedProvider(origin, provider)),
                        this::settings),
                new PluginTracker<Tool, HostedTool>(
                        context, Tool.class, LlmginePlugin.TOOL, hostedTools, HostedTool::bind, this::settings));
        trackers.forEach(PluginTracker::open);
        offered = List.of(
                context.registerService(ActiveVersions.class, pointers, null),
                context.registerService(CommandDesk.class, dispatcher, null));
        watches = List.of(timer.watch(new CarrierWatch()), timer.watch(approvals));
    }

    @Modified
    void modified(CoreSettings configuration) {
        settings = Settings.of(configuration);
    }

    @Deactivate
    void close() {
        offered.forEach(ServiceRegistration::unregister);
        watches.forEach(HostTimer.Registration::close);
        sessions.close();
        dispatcher.close();
        trackers.forEach(PluginTracker::close);
    }

    @Override
    public <R> R execute(Command<R> command) {
        return dispatcher.execute(command);
    }

    private Settings settings() {
        return settings;
    }

    private <T> PluginRegistry<T> registry(
            String kind, BundleContext context, MetricRegistry metrics, HostTimer timer) {
        PluginRegistry<T> registry = new PluginRegistry<>(
                kind,
                metrics,
                timer,
                pointers,
                bundle -> isWaiting(context.getBundle(bundle)),
                plugin -> tools.forget(plugin));
        registries.put(kind, registry);
        return registry;
    }

    private ActiveVersions.ToolThreads toolThreads(String plugin) {
        return tools.threads(plugin);
    }

    private static boolean isWaiting(Bundle bundle) {
        return bundle != null && bundle.getState() != Bundle.ACTIVE;
    }

    private List<InstanceEntry> instances(ListInstances command) {
        PluginRegistry<?> registry = registries.get(command.kind());
        if (registry == null) {
            throw NearNames.hint(
                    new LlmgineException(ErrorCode.NOT_FOUND, "There is no kind '" + command.kind() + "'.")
                            .withField("kind"),
                    command.kind(),
                    registries.keySet());
        }
        return registry.list().stream().map(this::entry).toList();
    }

    private InstanceEntry entry(PluginRegistry.Listed<?> listed) {
        Origin origin = listed.origin();
        Map<String, Number> figures = new HashMap<>();
        listed.instance()
                .ifPresent(instance -> figures.putAll(instance.figures().values()));
        Optional<HostedTool> tool = listed.instance()
                .map(instance -> (Object) instance.service())
                .filter(HostedTool.class::isInstance)
                .map(HostedTool.class::cast);
        Optional<String> quarantine = listed.instance().flatMap(Instance::quarantine);
        tool.ifPresent(hosted -> figures.put(
                "stuckThreads", tools.threads(origin.plugin()).leftBehind().size()));
        return new InstanceEntry(
                origin.kind(),
                origin.name(),
                origin.plugin(),
                origin.version().toString(),
                origin.bundle(),
                quarantine.isPresent() ? "quarantined" : listed.state(),
                listed.problem().or(() -> quarantine),
                listed.instance().map(Instance::leases).orElse(0),
                figures,
                tool.map(HostedTool::spec));
    }
}
