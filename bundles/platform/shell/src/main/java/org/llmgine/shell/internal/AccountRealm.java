package org.llmgine.shell.internal;

import java.util.Map;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import org.apache.karaf.jaas.boot.ProxyLoginModule;
import org.apache.karaf.jaas.config.JaasRealm;
import org.llmgine.core.Commands;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Puts the host's accounts in the place of Karaf's own realm, whose users are in {@code etc/users.properties}. */
@Component
public final class AccountRealm implements JaasRealm {
    private final Commands commands;
    private final long bundleId;

    /** Make the realm. */
    @Activate
    public AccountRealm(@Reference Commands commands) {
        this(commands, FrameworkUtil.getBundle(AccountRealm.class).getBundleId());
    }

    AccountRealm(Commands commands, long bundleId) {
        this.commands = commands;
        this.bundleId = bundleId;
    }

    @Override
    public String getName() {
        return "karaf";
    }

    /** Return a rank above that of Karaf's own realm, 0. */
    @Override
    public int getRank() {
        return 100;
    }

    @Override
    public AppConfigurationEntry[] getEntries() {
        // JAAS loads modules by the thread's class loader; the proxy, which every loader finds, takes ours from its
        // bundle.
        Map<String, Object> options = Map.of(
                ProxyLoginModule.PROPERTY_MODULE,
                AccountLoginModule.class.getName(),
                ProxyLoginModule.PROPERTY_BUNDLE,
                Long.toString(bundleId),
                AccountLoginModule.COMMANDS,
                commands);
        return new AppConfigurationEntry[] {
            new AppConfigurationEntry(ProxyLoginModule.class.getName(), LoginModuleControlFlag.REQUIRED, options)
        };
    }
}
