using System.Net.Http.Headers;
using System.Net.Http.Json;
using Contracts;
using Contracts.Sessions;
using Layouts.Admin;
using Tests.Infrastructure;
using Tests.Layouts.Driving;
using Tests.ServiceDefaults;

namespace Tests.Layouts.Admin;

/// <summary>The admin API: who may use it, what is refused, and what plans say.</summary>
public sealed class LayoutAdminTests(DataServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OperatorsMayAndNobodyElse()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        var node = rig.Nodes[0];
        using var http = new HttpClient { BaseAddress = node.Address };

        async Task<HttpResponseMessage> AsAsync(HttpMethod method, string route, string? token)
        {
            using var request = new HttpRequestMessage(method, route);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            return await http.SendAsync(request, Token);
        }

        (HttpMethod, string)[] routes =
        [
            (HttpMethod.Get, AdminRoutes.Layouts), (HttpMethod.Get, AdminRoutes.History), (HttpMethod.Get, AdminRoutes.Decisions), (HttpMethod.Get, AdminRoutes.Nodes),
            (HttpMethod.Post, AdminRoutes.Plan), (HttpMethod.Put, AdminRoutes.Goal), (HttpMethod.Delete, AdminRoutes.Goal + "?scope=all"),
            (HttpMethod.Post, AdminRoutes.Rollback), (HttpMethod.Post, AdminRoutes.Reshard),
            (HttpMethod.Get, AdminRoutes.Figures), (HttpMethod.Get, AdminRoutes.FigureSeries), (HttpMethod.Get, AdminRoutes.Hot),
        ];
        foreach (var (method, route) in routes)
        {
            await (await AsAsync(method, route, null)).ProblemAsync(401, ProblemTypes.Unauthenticated);
            await (await AsAsync(method, route, "no.such.token")).ProblemAsync(401, ProblemTypes.Unauthenticated);
            await (await AsAsync(method, route, node.Token("acme", "ann", role: "admin"))).ProblemAsync(403, ProblemTypes.Forbidden);
            await (await AsAsync(method, route, node.Token("operators", "olga", role: "member"))).ProblemAsync(403, ProblemTypes.Forbidden);
        }

        // An operator whose session lives, and only as long as it does: the token alone is not enough.
        await (await AsAsync(HttpMethod.Get, AdminRoutes.Layouts, node.Token("operators", "olga", role: "admin"))).ProblemAsync(401, ProblemTypes.Unauthenticated);
        var (user, token) = await rig.OperatorAsync(node);
        using (var allowed = await AsAsync(HttpMethod.Get, AdminRoutes.Layouts, token))
        {
            Assert.Equal(200, (int)allowed.StatusCode);
        }

        Assert.True((await rig.Dbman.Client.Sessions.RevokeAsync("operators", user, new RevokeSessionsRequest("test"), Token)).IsSuccess);
        await (await AsAsync(HttpMethod.Get, AdminRoutes.Layouts, token)).ProblemAsync(401, ProblemTypes.Unauthenticated);
    }

    [Fact]
    public async Task NoUserIsAnOperator_WhenNoTenantIsConfigured()
    {
        await using var rig = await DriverRig.StartAsync(servers, 1, ("Operators:Tenant", ""));
        using var http = new HttpClient { BaseAddress = rig.Nodes[0].Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", rig.Nodes[0].Token("operators", "olga", role: "admin"));
        await (await http.GetAsync(new Uri(AdminRoutes.Layouts, UriKind.Relative), Token)).ProblemAsync(403, ProblemTypes.Forbidden);
    }

    [Fact]
    public async Task WhatMakesNoSenseIsRefused()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        var http = rig.Nodes[0].Http;
        (string Route, object Body)[] invalid =
        [
            (AdminRoutes.Plan, new { scope = "a/b/c", stage = "shadow" }),
            (AdminRoutes.Plan, new { scope = "all", stage = "warp" }),
            (AdminRoutes.Plan, new { scope = "all", stage = "shadow", shards = 65 }),
            (AdminRoutes.Plan, new { scope = "all", stage = "shadow", shardKey = "colour" }),
            (AdminRoutes.Plan, new { scope = "all", stage = "canary" }),
            (AdminRoutes.Plan, new { scope = "acme", stage = "canary", canary = new { rooms = new[] { "other/lobby" } } }),
            (AdminRoutes.Plan, new { scope = "all", giveUp = true }),
            (AdminRoutes.Plan, new { scope = "acme", giveUp = true, stage = "shadow" }),
            (AdminRoutes.Plan, new { stage = "shadow" }),
            (AdminRoutes.Plan, new { scope = "all", stage = "shadow", reason = new string('x', 501) }),
            (AdminRoutes.Rollback, new { scope = "all", to = "warp" }),
            (AdminRoutes.Reshard, new { scope = "all", shards = 0 }),
        ];
        foreach (var (route, body) in invalid)
        {
            using var response = await http.PostAsJsonAsync(route, body, Token);
            await response.ProblemAsync(400, ProblemTypes.InvalidRequest);
        }

        (await (await http.PostAsJsonAsync(AdminRoutes.Rollback, new { scope = "all" }, Token)).ProblemAsync(409, ProblemTypes.Conflict)).GetProperty("detail");
        await (await http.PostAsJsonAsync(AdminRoutes.Rollback, new { scope = "acme" }, Token)).ProblemAsync(409, ProblemTypes.Conflict);
        await (await http.DeleteAsync(new Uri(AdminRoutes.Goal + "?scope=all", UriKind.Relative), Token)).ProblemAsync(404, ProblemTypes.NotFound);
        await (await http.GetAsync(new Uri(AdminRoutes.History + "?limit=0", UriKind.Relative), Token)).ProblemAsync(400, ProblemTypes.InvalidRequest);
        Assert.Empty((await rig.Plane.GetGoalsAsync(Token)).Value.Goals);
    }

    [Fact]
    public async Task APlanTellsEachStepAndChangesNothing()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        var plan = await rig.AskAsync(HttpMethod.Post, AdminRoutes.Plan, new { scope = rig.Scope.ToString(), stage = "cutover", shards = 8 });

        Assert.Null(plan.GoalAt);
        Assert.Equal(
            ["legacy (4 shards)", "shadow (8 shards)", "canary (8 shards, 10 % of rooms)", "cutover/listen (8 shards)", "cutover (8 shards)"],
            plan.Steps.Select(static step => step.Name));
        Assert.Equal(["events go to the 8 shards too"], plan.Steps[1].Effects);
        Assert.Equal(["events no longer go to the legacy channel"], plan.Steps[4].Effects);
        Assert.Equal("back to cutover/listen (8 shards)", plan.Steps[4].Undo);
        Assert.Single(plan.Nodes);
        Assert.Empty((await rig.Plane.GetGoalsAsync(Token)).Value.Goals);
        Assert.Empty((await rig.Plane.GetAsync(0, Token)).Value.Records);
    }

    [Fact]
    public async Task TheRecordSaysWhoAsked()
    {
        await using var rig = await DriverRig.StartAsync(servers, nodes: 1);
        var node = rig.Nodes[0];
        using var http = new HttpClient { BaseAddress = node.Address };
        var (user, token) = await rig.OperatorAsync(node);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        // A user cannot speak for somebody else.
        using var response = await http.PutAsJsonAsync(AdminRoutes.Goal, new { scope = rig.Scope.ToString(), stage = "shadow", reason = "a try", by = "somebody else" }, Token);
        Assert.Equal(202, (int)response.StatusCode);
        await rig.ArrivedAsync("shadow (4 shards)");

        var records = (await rig.Plane.GetHistoryAsync(null, 10, Token)).Value.Items;
        Assert.All(records, record => Assert.Equal(($"operators/{user}", "a try"), (record.By, record.Reason)));
    }
}
