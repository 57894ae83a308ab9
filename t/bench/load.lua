-- SPDX-FileCopyrightText: 2026 The Latchkey authors
-- SPDX-License-Identifier: MIT
-- What wrk sends: METHOD, and a line of one of the files BODIES (form bodies), TOKENS (bearer tokens), in turn, or REFRESH (the form up to
-- the refresh token): there each answer's refresh token takes the place of the line that was sent, since realms may rotate them.
local lines, refresh, next_line = {}, os.getenv("REFRESH"), 0
local bodies = refresh or os.getenv("BODIES")
local path = bodies or os.getenv("TOKENS")
if path then
    for line in io.lines(path) do lines[#lines + 1] = line end
end
wrk.method = os.getenv("METHOD") or "GET"
if bodies then wrk.headers["Content-Type"] = "application/x-www-form-urlencoded" end

local function take()
    if refresh then return table.remove(lines, 1) end
    next_line = next_line % #lines + 1
    return lines[next_line]
end

function request()
    if not path then return wrk.format() end
    local line = take()
    if bodies then return wrk.format(nil, nil, nil, line) end
    wrk.headers["Authorization"] = "Bearer " .. line
    return wrk.format()
end

if refresh then
    local prefix = lines[1]:match("^(.*refresh_token=)")
    function response(status, headers, body)
        lines[#lines + 1] = prefix .. (body:match('"refresh_token":"([^"]*)"') or "")
    end
end
