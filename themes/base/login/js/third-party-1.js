document.cookie = "KEYCLOAK_3P_COOKIE=supported; SameSite=None; Secure";
location.replace("step2.html");
