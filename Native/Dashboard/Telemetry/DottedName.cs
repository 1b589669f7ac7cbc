using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Dashboard.Telemetry;

/// <summary>A name of which a line ends behind a dot rather than within a word.</summary>
public sealed class DottedName : ComponentBase
{
    [Parameter, EditorRequired]
    public string Name { get; set; } = string.Empty;

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        for (var start = 0; start < Name.Length;)
        {
            var dot = Name.IndexOf('.', start);
            var end = dot < 0 ? Name.Length : dot + 1;
            builder.AddContent(0, Name[start..end]);
            builder.OpenElement(1, "wbr");
            builder.CloseElement();
            start = end;
        }
    }
}
