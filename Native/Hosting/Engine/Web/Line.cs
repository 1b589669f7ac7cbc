namespace Aspire.Hosting.Engine.Web;

internal sealed record Line(int Number, string Content, bool IsError);
