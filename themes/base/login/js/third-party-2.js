const supported = document.cookie.includes("KEYCLOAK_3P_COOKIE=supported");
document.cookie = "KEYCLOAK_3P_COOKIE=; SameSite=None; Secure; Max-Age=0";
parent.postMessage(supported ? "supported" : "unsupported", "*");
