namespace Layouts.Admin;

/// <summary>Routes of operators; they need <see cref="ServiceDefaults.Identity.Policies.Operator"/>.</summary>
internal static class AdminRoutes
{
    public const string Layouts = "/admin/v1/layouts";
    public const string Plan = Layouts + "/plan";
    public const string Goal = Layouts + "/goal";
    public const string Rollback = Layouts + "/rollback";
    public const string Reshard = Layouts + "/reshard";
    public const string History = Layouts + "/history";
    public const string Decisions = Layouts + "/decisions";
    public const string Nodes = Layouts + "/nodes";
    public const string Figures = Layouts + "/figures";
    public const string FigureSeries = Figures + "/series";
    public const string Hot = Layouts + "/hot";
    public const string Proposals = Layouts + "/proposals";
    public const string Autopilot = Layouts + "/autopilot";
}
