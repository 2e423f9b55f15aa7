package org.llmgine.shell.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.FailedLoginException;
import javax.security.auth.login.LoginException;
import javax.security.auth.spi.LoginModule;
import org.apache.karaf.jaas.boot.principal.ClientPrincipal;
import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.jaas.boot.principal.UserPrincipal;
import org.llmgine.api.LlmgineException;
import org.llmgine.api.Principal;
import org.llmgine.core.Commands;
import org.llmgine.core.command.VerifyPassword;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs an account in by name and password. Only operators and admins get in: Karaf's shell shows and does more than users of
 * models are meant to.
 */
@SuppressWarnings("NullAway.Init") // JAAS calls initialize first
public final class AccountLoginModule implements LoginModule {
    /** The option that holds the {@link Commands}. */
    static final String COMMANDS = Commands.class.getName();

    private static final Logger LOG = LoggerFactory.getLogger(AccountLoginModule.class);
    private static final List<String> ADMIN_ROLES = List.of("admin", "manager", "viewer", "systembundles", "ssh");
    private static final List<String> OPERATOR_ROLES = List.of("manager", "viewer", "ssh");

    private final List<java.security.Principal> granted = new ArrayList<>();
    private Subject subject;
    private CallbackHandler callbackHandler;
    private Commands commands;

    @Override
    public void initialize(
            Subject subject, CallbackHandler callbackHandler, Map<String, ?> sharedState, Map<String, ?> options) {
        this.subject = subject;
        this.callbackHandler = callbackHandler;
        this.commands = (Commands) Objects.requireNonNull(options.get(COMMANDS), COMMANDS);
    }

    @Override
    public boolean login() throws LoginException {
        NameCallback name = new NameCallback("Name: ");
        PasswordCallback password = new PasswordCallback("Password: ", false);
        try {
            callbackHandler.handle(new Callback[] {name, password});
        } catch (IOException | UnsupportedCallbackException e) {
            throw failure("Only a name and a password are taken.", e);
        }
        char[] characters = password.getPassword();
        password.clearPassword();
        if (name.getName() == null || characters == null) {
            throw new FailedLoginException("A name and a password are needed.");
        }
        Principal account = verify(name.getName(), new String(characters));
        if (!account.has(Principal.OPERATOR)) {
            LOG.warn("Refused {} at the shell: the account is neither operator nor admin", account.name());
            throw new FailedLoginException("The shell is for operators and admins.");
        }
        granted.add(new UserPrincipal(account.name()));
        (account.has(Principal.ADMIN) ? ADMIN_ROLES : OPERATOR_ROLES)
                .forEach(role -> granted.add(new RolePrincipal(role)));
        LOG.info("{} logged in to the shell from {}", account.name(), client());
        return true;
    }

    private Principal verify(String name, String password) throws LoginException {
        try {
            return commands.execute(new VerifyPassword(name, password));
        } catch (LlmgineException e) {
            LOG.warn("A login to the shell from {} failed: {}", client(), e.getMessage());
            throw failure(e.getMessage(), e);
        }
    }

    private String client() {
        return subject.getPrincipals(ClientPrincipal.class).stream()
                .map(ClientPrincipal::getName)
                .findFirst()
                .orElse("this machine");
    }

    private static LoginException failure(String message, Exception cause) {
        LoginException failure = new FailedLoginException(message);
        failure.initCause(cause);
        return failure;
    }

    @Override
    public boolean commit() {
        subject.getPrincipals().addAll(granted);
        return true;
    }

    @Override
    public boolean abort() {
        return logout();
    }

    @Override
    public boolean logout() {
        subject.getPrincipals().removeAll(granted);
        granted.clear();
        return true;
    }
}
