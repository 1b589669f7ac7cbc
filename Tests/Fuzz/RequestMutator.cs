using System.Text;

namespace Tests.Fuzz;

/// <summary>Makes requests that are nearly valid: a route's own request, changed in a few places.</summary>
internal sealed class RequestMutator(Random random)
{
    private static readonly string[] Ids = ["r", "ann", "bob", "public", "%00", "a%2Fb", "..", "a:b", "x%0Ab", "%FF", "%", "-1", "0", "1", "99999999999999999999", "\u0000", new('x', 300)];
    private static readonly string[] Values =
        ["", "x", "0", "-1", "1", "2147483648", "9223372036854775808", "1e9", "null", "true", "%00", "%F0%9F", "inline", "a%20b", "ann", "[]", new('9', 200)];

    private static readonly string[] Queries = ["after", "before", "limit", "disposition", "dryRun", "x"];
    private static readonly string[] Types =
    [
        "application/json", "application/json;charset=x", "application/json;charset=utf-16", "application/json; charset=\"", "application/problem+json", "text/plain", "application/json;", ";",
        "", "image/png", "multipart/form-data", "application/x-www-form-urlencoded", "a/b; charset=utf-7",
    ];

    private static readonly string[] Chunks = ["FFFFFFFFFFFFFFFF", "7FFFFFFFF", "80000000", "7FFFFFFF", "-1", "x", "0", "", "1;ext", "5", "00000000000000005"];
    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Range", ["bytes=0-", "bytesx=", "bytes=", "bytes=5-1", "bytes=-0", "bytes=0-0,0-0", "bytes=9223372036854775807-", "items=1", "\u00e9"]),
        ("If-Match", ["*", "x", "\"x\"", "W/\"", ","]),
        ("If-None-Match", ["*", "x", "\"x\"", ",", "\""]),
        ("If-Range", ["x", "\"x\"", "Mon, 01 Jan 2001 00:00:00 GMT", ""]),
        ("If-Modified-Since", ["x", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]),
        ("If-Unmodified-Since", ["x", "Mon, 01 Jan 0001 00:00:00 GMT"]),
        ("X-File-Name", ["%", "%00", "%ED%A0%80", new('x', 255), "..", "a/b", "\u00e9", "%F0%9F%9A%80"]),
        ("Content-Disposition", ["attachment; filename=", "x", "attachment; filename*=UTF-8''%", "form-data; name=\"\"; filename=\"\u00e9\""]),
        ("Content-Encoding", ["gzip", "identity", "br, gzip", ""]),
        ("Expect", ["100-continue", "x"]),
        ("Upgrade", ["websocket", "h2c", "x"]),
        ("Sec-WebSocket-Key", ["dGhlIHNhbXBsZSBub25jZQ==", "x"]),
        ("Sec-WebSocket-Version", ["13", "8"]),
        ("Sec-WebSocket-Protocol", ["chat.v1", "bearer.x", ",", "chat.v1, bearer."]),
        ("Origin", ["null", "http://x", "\u00e9"]),
        ("Access-Control-Request-Method", ["PUT"]),
        ("Accept", ["", "x", "*/*;q=2"]),
        ("Host", ["", "a b", "x:99999"]),
        ("Content-Length", ["0", "-1", "1", "57000", "99999999999999999999", "x", "1, 2"]),
        ("Transfer-Encoding", ["chunked", "gzip", "chunked, chunked", "x"]),
        ("X-Forwarded-For", ["x", "::1, 2", new('1', 500)]),
        ("traceparent", ["x", "00-00000000000000000000000000000000-0000000000000000-00"]),
        ("Authorization", ["Bearer", "Bearer x", "Bearer a.b.c", "Basic x", "", "Bearer \u00e9"]),
    ];

    private static readonly string[] Nasty =
    [
        "null", "1", "-1", "1e999", "[]", "{}", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\uDC00x\"", "true", "[[[[[[[[]]]]]]]]", "99999999999999999999", "\"x\\", "\"" + new string('x', 9_000) + "\"",
        "{\"a\":1,\"a\":2}", new string('[', 200), "\"\u202e\"", "0x1", "NaN", ",", "1.5",
    ];

    public byte[] Make(FuzzRoute route, string token)
    {
        var method = Chance(20) ? Pick(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "x", "CONNECT"]) : route.Method;
        var path = route.Path;
        foreach (var (name, known) in route.Values)
        {
            path = path.Replace(name, Chance(4) ? Pick(Ids) : known, StringComparison.Ordinal);
        }

        for (var queries = random.Next(3); queries > 0 && Chance(2); queries--)
        {
            path += (path.Contains('?', StringComparison.Ordinal) ? '&' : '?') + Pick(Queries) + "=" + Pick(Values);
        }

        var body = route.Body is null ? [] : Mutate(route.Body);
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        var headers = new List<(string Name, string Value)>
        {
            ("Host", "localhost"),
            ("Authorization", "Bearer " + token),
        };
        if (body.Length > 0)
        {
            headers.Add(("Content-Type", Chance(3) ? Pick(Types) : route.Type));
            if (Chance(4))
            {
                headers.Add(("Transfer-Encoding", "chunked"));
                body = Chunked(body);
            }
            else
            {
                headers.Add(("Content-Length", $"{body.Length}"));
            }
        }

        for (var extra = random.Next(4); extra > 0; extra--)
        {
            var (name, values) = Headers[random.Next(Headers.Length)];
            if (Chance(2))
            {
                headers.RemoveAll(header => header.Name == name);
            }

            headers.Add((name, Pick(values)));
        }

        foreach (var (name, value) in headers)
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        byte[] request = [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body];
        return Chance(10) ? Flip(request) : request;
    }

    private byte[] Mutate(string body)
    {
        var text = body;
        switch (random.Next(6))
        {
            case 0:
                text = SwapValue(text);
                break;
            case 1:
                text = text[..random.Next(text.Length + 1)];
                break;
            case 2:
                text = text.Insert(random.Next(text.Length + 1), Pick(Nasty));
                break;
            case 3:
                return Flip(Encoding.UTF8.GetBytes(text));
            case 4:
                text = SwapValue(SwapValue(text));
                break;
        }

        return Encoding.UTF8.GetBytes(text);
    }

    /// <summary>Puts something else behind one of the colons.</summary>
    private string SwapValue(string text)
    {
        var colons = Enumerable.Range(0, text.Length).Where(at => text[at] == ':').ToArray();
        if (colons.Length == 0)
        {
            return Pick(Nasty);
        }

        var start = colons[random.Next(colons.Length)] + 1;
        var end = text.IndexOfAny([',', '}'], start);
        return text[..start] + Pick(Nasty) + (end < 0 ? "" : text[end..]);
    }

    private byte[] Chunked(byte[] body)
    {
        var size = Chance(2) ? Pick(Chunks) : body.Length.ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        return [.. Encoding.ASCII.GetBytes(size + "\r\n"), .. body, .. Encoding.ASCII.GetBytes(Chance(5) ? "\r\n" : "\r\n0\r\n\r\n")];
    }

    private byte[] Flip(byte[] bytes)
    {
        for (var flips = 1 + random.Next(4); flips > 0 && bytes.Length > 0; flips--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private bool Chance(int outOf) => random.Next(outOf) == 0;

    private string Pick(string[] from) => from[random.Next(from.Length)];
}

/// <summary>A route and a request to it that would succeed.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">The pattern.</param>
/// <param name="Values">What its parameters, with their braces, are replaced by.</param>
/// <param name="Type">Media type of the body.</param>
/// <param name="Body">Null: none.</param>
internal sealed record FuzzRoute(string Method, string Path, (string Name, string Value)[] Values, string Type, string? Body);
