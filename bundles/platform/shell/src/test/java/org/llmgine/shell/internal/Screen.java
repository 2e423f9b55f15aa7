package org.llmgine.shell.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.util.Set;
import javax.security.auth.Subject;
import org.apache.karaf.jaas.boot.principal.RolePrincipal;
import org.apache.karaf.jaas.boot.principal.UserPrincipal;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.api.console.Terminal;
import org.llmgine.core.Commands;

/** A session of the operator "ada": what its commands print, and who it is. */
final class Screen {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final PrintStream out = new PrintStream(bytes, true, UTF_8);

    static Subject ada() {
        return new Subject(
                true,
                Set.of(new UserPrincipal("ada"), new RolePrincipal("manager"), new RolePrincipal("ssh")),
                Set.of(),
                Set.of());
    }

    <C extends HostCommand> C show(C command, Commands commands) {
        command.commands = commands;
        command.subject = Screen::ada;
        command.out = out;
        return command;
    }

    /** A terminal of which only the width is asked. */
    static Terminal terminal(int width) {
        return (Terminal) Proxy.newProxyInstance(
                Screen.class.getClassLoader(), new Class<?>[] {Terminal.class}, (proxy, method, arguments) -> width);
    }

    /** A session of which only the console is asked. */
    static Session session(PrintStream console) {
        return (Session) Proxy.newProxyInstance(
                Screen.class.getClassLoader(), new Class<?>[] {Session.class}, (proxy, method, arguments) -> console);
    }

    String text() {
        return bytes.toString(UTF_8).replace(System.lineSeparator(), "\n");
    }
}
