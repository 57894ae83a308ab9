// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
import com.nimbusds.jose.jwk.*;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.JSONObjectUtils;
import jakarta.servlet.*;
import jakarta.servlet.http.*;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.*;
import org.apache.catalina.startup.Tomcat;
import org.springframework.context.annotation.*;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.*;
import org.springframework.security.oauth2.client.*;
import org.springframework.security.oauth2.client.endpoint.*;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.*;
import org.springframework.security.oauth2.client.web.*;
import org.springframework.security.oauth2.core.*;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jwt.*;
import org.springframework.security.oauth2.server.resource.authentication.*;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.context.ContextLoaderListener;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.context.support.*;
import org.springframework.web.filter.DelegatingFilterProxy;

/** A service as people write them with Spring Security: signs persons in, asks for tokens of its own, and takes tokens at /api. Arguments: issuer, port. */
public class Service extends HttpServlet {
    static String issuer;
    static RSAKey key; // of the client that signs

    @Configuration(proxyBeanMethods = false)
    @EnableWebSecurity
    static class Security {
        @Bean
        ClientRegistrationRepository registrations() {
            return new InMemoryClientRegistrationRepository(
                ClientRegistrations.fromIssuerLocation(issuer).registrationId("latchkey").clientId("spring").clientSecret("spring-secret")
                    .scope("openid", "profile", "email").build(),
                ClientRegistrations.fromIssuerLocation(issuer).registrationId("machine").clientId("spring-machine")
                    .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT).authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS).build(),
                ClientRegistrations.fromIssuerLocation(issuer).registrationId("exchange").clientId("spring").clientSecret("spring-secret")
                    .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST).authorizationGrantType(AuthorizationGrantType.TOKEN_EXCHANGE).build());
        }

        @Bean
        OAuth2AuthorizedClientRepository clients() {
            return new HttpSessionOAuth2AuthorizedClientRepository();
        }

        /** The user's token is exchanged for one of the service's own; each use of the user's refreshes it, as if it were about to expire. */
        @Bean
        OAuth2AuthorizedClientManager manager(ClientRegistrationRepository registrations, OAuth2AuthorizedClientRepository clients) {
            var machine = new RestClientClientCredentialsTokenResponseClient();
            machine.addParametersConverter(new NimbusJwtClientAuthenticationParametersConverter<>(registration -> key));
            var exchange = new TokenExchangeOAuth2AuthorizedClientProvider();
            exchange.setSubjectTokenResolver(context -> userToken);
            var manager = new DefaultOAuth2AuthorizedClientManager(registrations, clients);
            manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder().authorizationCode()
                .refreshToken(refresh -> refresh.clockSkew(Duration.ofHours(1))).clientCredentials(given -> given.accessTokenResponseClient(machine)).provider(exchange).build());
            return manager;
        }

        @Bean
        JwtDecoder decoder() {
            return JwtDecoders.fromIssuerLocation(issuer);
        }

        static Collection<GrantedAuthority> roles(Jwt token) {
            Map<String, Collection<String>> access = token.getClaim("realm_access");
            return access == null ? List.of() : access.get("roles").stream().<GrantedAuthority>map(role -> new SimpleGrantedAuthority("ROLE_" + role)).toList();
        }

        @Bean
        @Order(1)
        SecurityFilterChain api(HttpSecurity http) throws Exception {
            var converter = new JwtAuthenticationConverter();
            converter.setJwtGrantedAuthoritiesConverter(Security::roles);
            return http.securityMatcher("/api/**").authorizeHttpRequests(all -> all.requestMatchers("/api/auditor").hasRole("auditor").anyRequest().authenticated())
                .oauth2ResourceServer(server -> server.jwt(jwt -> jwt.jwtAuthenticationConverter(converter))).build();
        }

        @Bean
        @Order(2)
        SecurityFilterChain pages(HttpSecurity http, ClientRegistrationRepository registrations) throws Exception {
            var resolver = new DefaultOAuth2AuthorizationRequestResolver(registrations, "/oauth2/authorization");
            resolver.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
            var goodbye = new OidcClientInitiatedLogoutSuccessHandler(registrations);
            goodbye.setPostLogoutRedirectUri("{baseUrl}/bye");
            return http.csrf(csrf -> csrf.disable()) // so that a link signs out
                .authorizeHttpRequests(all -> all.requestMatchers("/jwks", "/bye", "/machine").permitAll().anyRequest().authenticated())
                .oauth2Login(login -> login.loginPage("/oauth2/authorization/latchkey").authorizationEndpoint(end -> end.authorizationRequestResolver(resolver)))
                .logout(logout -> logout.logoutSuccessHandler(goodbye)).oidcLogout(logout -> logout.backChannel(Customizer.withDefaults())).build();
        }
    }

    static volatile OAuth2Token userToken; // of the last request at /me

    private OAuth2AuthorizedClient authorize(String registration, HttpServletRequest request, HttpServletResponse response) {
        WebApplicationContext context = WebApplicationContextUtils.getRequiredWebApplicationContext(getServletContext());
        Authentication principal = SecurityContextHolder.getContext().getAuthentication();
        return context.getBean(OAuth2AuthorizedClientManager.class).authorize(
            OAuth2AuthorizeRequest.withClientRegistrationId(registration).principal(principal).attribute(HttpServletRequest.class.getName(), request)
                .attribute(HttpServletResponse.class.getName(), response).build());
    }

    private Map<String, Object> answer(HttpServletRequest request, HttpServletResponse response) {
        switch (request.getServletPath()) {
        case "/jwks":
            return new JWKSet(key).toJSONObject();
        case "/bye":
            return Map.of("bye", true);
        case "/machine":
        case "/exchange":
            return Map.of("token", authorize(request.getServletPath().substring(1), request, response).getAccessToken().getTokenValue());
        case "/refresh":
            OAuth2AuthorizedClient fresh = authorize("latchkey", request, response);
            return Map.of("fresh", !fresh.getAccessToken().getTokenValue().equals(userToken.getTokenValue()), "token", fresh.getAccessToken().getTokenValue());
        }
        Object principal = SecurityContextHolder.getContext().getAuthentication().getPrincipal();
        if (!(principal instanceof OidcUser user))
            return Map.of("sub", ((Jwt) principal).getSubject());
        var clients = WebApplicationContextUtils.getRequiredWebApplicationContext(getServletContext()).getBean(OAuth2AuthorizedClientRepository.class);
        userToken = clients.<OAuth2AuthorizedClient>loadAuthorizedClient("latchkey", SecurityContextHolder.getContext().getAuthentication(), request).getAccessToken();
        return Map.of("sub", user.getSubject(), "email", user.getEmail(), "userinfo", user.getUserInfo().getPreferredUsername(), "nonce", user.getNonce() != null,
            "scopes", user.getAuthorities().stream().map(GrantedAuthority::getAuthority).sorted().toList());
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("application/json");
        response.getWriter().write(JSONObjectUtils.toJSONString(answer(request, response)));
    }

    static void setUp(ServletContext servlets) {
        var context = new AnnotationConfigWebApplicationContext();
        context.register(Security.class);
        servlets.addListener(new ContextLoaderListener(context));
        servlets.addFilter("springSecurityFilterChain", new DelegatingFilterProxy("springSecurityFilterChain")).addMappingForUrlPatterns(null, false, "/*");
        servlets.addServlet("service", new Service()).addMapping("/");
    }

    public static void main(String[] arguments) throws Exception {
        issuer = arguments[0];
        key = new RSAKeyGenerator(2048).keyID("machine-1").keyUse(KeyUse.SIGNATURE).generate();
        var tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("lk-spring").toString());
        tomcat.setPort(Integer.parseInt(arguments[1]));
        tomcat.getConnector();
        tomcat.addContext("", null).addServletContainerInitializer((classes, servlets) -> setUp(servlets), null);
        tomcat.start();
        System.out.println("ready");
        while (System.in.read() >= 0) // until the test lets go
            ;
        System.exit(0);
    }
}
