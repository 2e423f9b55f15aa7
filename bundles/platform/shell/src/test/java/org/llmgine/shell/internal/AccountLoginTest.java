package org.llmgine.shell.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.security.Principal;
import java.util.Map;
import java.util.Set;
import javax.security.auth.Subject;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.FailedLoginException;
import javax.security.auth.login.LoginException;
import org.apache.karaf.jaas.boot.ProxyLoginModule;
import org.apache.karaf.jaas.boot.principal.ClientPrincipal;
import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.jaas.boot.principal.UserPrincipal;
import org.junit.jupiter.api.Test;
import org.llmgine.api.ErrorCode;
import org.llmgine.api.LlmgineException;
import org.llmgine.core.command.VerifyPassword;

class AccountLoginTest {
    private static final FakeHost ACCOUNTS = new FakeHost().on(VerifyPassword.class, command -> {
        if (command.password().equals("secret of " + command.name())) {
            return new org.llmgine.api.Principal(command.name(), Set.of(command.name()));
        }
        throw new LlmgineException(ErrorCode.UNAUTHENTICATED, "The name or the password is wrong.");
    });

    private final Subject subject = new Subject();

    @Test
    void anAdminGetsKarafsAdminRoles() throws LoginException {
        AccountLoginModule module = module("admin", "secret of admin");

        assertThat(module.login()).isTrue();
        assertThat(subject.getPrincipals()).isEmpty();
        assertThat(module.commit()).isTrue();

        assertThat(subject.getPrincipals(UserPrincipal.class))
                .extracting(Principal::getName)
                .containsExactly("admin");
        assertThat(roles()).containsExactlyInAnyOrder("admin", "manager", "viewer", "systembundles", "ssh");
        assertThat(Caller.of(subject).has(org.llmgine.api.Principal.ADMIN)).isTrue();
    }

    @Test
    void anOperatorManagesWithoutBeingAdmin() throws LoginException {
        AccountLoginModule module = module("operator", "secret of operator");
        module.login();
        module.commit();

        assertThat(roles()).containsExactlyInAnyOrder("manager", "viewer", "ssh");
        assertThat(Caller.of(subject).has(org.llmgine.api.Principal.OPERATOR)).isTrue();
        assertThat(Caller.of(subject).has(org.llmgine.api.Principal.ADMIN)).isFalse();
    }

    @Test
    void usersAndViewersDoNotGetIn() {
        for (String account : new String[] {"user", "viewer"}) {
            assertThatExceptionOfType(FailedLoginException.class)
                    .isThrownBy(() -> module(account, "secret of " + account).login())
                    .withMessage("The shell is for operators and admins.");
        }
    }

    @Test
    void aWrongPasswordIsRefused() {
        subject.getPrincipals().add(new ClientPrincipal("ssh", "/127.0.0.1:50000"));

        assertThatExceptionOfType(FailedLoginException.class)
                .isThrownBy(() -> module("karaf", "karaf").login())
                .withMessage("The name or the password is wrong.");
        assertThat(roles()).isEmpty();
    }

    @Test
    void onlyNamesAndPasswordsAreTaken() {
        assertThatExceptionOfType(FailedLoginException.class)
                .isThrownBy(() -> module(callbacks -> {
                            for (Callback callback : callbacks) {
                                if (callback instanceof PasswordCallback) {
                                    throw new UnsupportedCallbackException(callback);
                                }
                            }
                        })
                        .login())
                .withMessage("Only a name and a password are taken.");
        assertThatExceptionOfType(FailedLoginException.class)
                .isThrownBy(() -> module(callbacks -> {}).login())
                .withMessage("A name and a password are needed.");
    }

    @Test
    void logoutAndAbortTakeBackWhatWasGrantedAndNothingElse() throws LoginException {
        subject.getPrincipals().add(new ClientPrincipal("ssh", "/127.0.0.1:50000"));
        AccountLoginModule module = module("admin", "secret of admin");
        module.login();
        module.commit();

        module.logout();

        assertThat(subject.getPrincipals()).hasOnlyElementsOfType(ClientPrincipal.class);
        module.login();
        assertThat(module.abort()).isTrue();
        module.commit();
        assertThat(subject.getPrincipals()).hasOnlyElementsOfType(ClientPrincipal.class);
    }

    @Test
    void theRealmTakesThePlaceOfKarafsOwn() {
        AccountRealm realm = new AccountRealm(ACCOUNTS, 42);

        assertThat(realm.getName()).isEqualTo("karaf");
        assertThat(realm.getRank()).isPositive();
        assertThat(realm.getEntries()).singleElement().satisfies(entry -> {
            assertThat(entry.getLoginModuleName()).isEqualTo(ProxyLoginModule.class.getName());
            assertThat(entry.getControlFlag()).isEqualTo(LoginModuleControlFlag.REQUIRED);
            assertThat(entry.getOptions().get(ProxyLoginModule.PROPERTY_MODULE))
                    .isEqualTo(AccountLoginModule.class.getName());
            assertThat(entry.getOptions().get(ProxyLoginModule.PROPERTY_BUNDLE)).isEqualTo("42");
            assertThat(entry.getOptions().get(AccountLoginModule.COMMANDS)).isSameAs(ACCOUNTS);
        });
    }

    private Iterable<String> roles() {
        return subject.getPrincipals(RolePrincipal.class).stream()
                .map(Principal::getName)
                .toList();
    }

    private AccountLoginModule module(String name, String password) {
        return module(callbacks -> {
            for (Callback callback : callbacks) {
                switch (callback) {
                    case NameCallback asked -> asked.setName(name);
                    case PasswordCallback asked -> asked.setPassword(password.toCharArray());
                    default -> throw new UnsupportedCallbackException(callback);
                }
            }
        });
    }

    private AccountLoginModule module(CallbackHandler handler) {
        AccountLoginModule module = new AccountLoginModule();
        module.initialize(subject, handler, Map.of(), Map.of(AccountLoginModule.COMMANDS, ACCOUNTS));
        return module;
    }
}
