// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

/**
 * Runs Keycloak's own kcadm, its main method, many times in one Java: a line of base64 words in (standard input, then the arguments), a line out
 * (exit code, standard output, standard error).
 */
public class Commands {
    static class Ended extends Error {
        final int code;

        Ended(int code) {
            super("exit");
            this.code = code;
        }
    }

    @SuppressWarnings("removal")
    static void catchExit() {
        System.setSecurityManager(new SecurityManager() {
            @Override
            public void checkExit(int code) {
                throw new Ended(code);
            }

            @Override
            public void checkPermission(java.security.Permission permission) {
            }
        });
    }

    public static void main(String[] none) throws Exception {
        catchExit();
        PrintStream out = System.out;
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Base64.Encoder encoder = Base64.getEncoder();
        for (String line; (line = in.readLine()) != null;) {
            List<String> words = new ArrayList<>();
            for (String word : line.split(" ", -1))
                words.add(new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8));
            ByteArrayOutputStream said = new ByteArrayOutputStream(), complained = new ByteArrayOutputStream();
            System.setIn(new ByteArrayInputStream(words.remove(0).getBytes(StandardCharsets.UTF_8)));
            System.setOut(new PrintStream(said, true, "UTF-8"));
            System.setErr(new PrintStream(complained, true, "UTF-8"));
            int code = 0;
            try {
                org.keycloak.client.admin.cli.KcAdmMain.main(words.toArray(new String[0]));
            } catch (Ended ended) {
                code = ended.code;
            }
            out.println(code + " " + encoder.encodeToString(said.toByteArray()) + " " + encoder.encodeToString(complained.toByteArray()));
            out.flush();
        }
    }
}
