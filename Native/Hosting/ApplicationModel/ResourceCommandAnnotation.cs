namespace Aspire.Hosting.ApplicationModel;

public sealed class ResourceCommandAnnotation : IResourceAnnotation
{
    internal ResourceCommandAnnotation(
        string name,
        string displayName,
        Func<UpdateCommandStateContext, ResourceCommandState> updateState,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        CommandOptions options)
    {
        Name = name;
        DisplayName = displayName;
        UpdateState = updateState;
        ExecuteCommand = executeCommand;
        DisplayDescription = options.Description;
        ConfirmationMessage = options.ConfirmationMessage;
        IconName = options.IconName;
        IconVariant = options.IconVariant;
        IsHighlighted = options.IsHighlighted;
    }

    public string Name { get; }

    public string DisplayName { get; }

    public Func<UpdateCommandStateContext, ResourceCommandState> UpdateState { get; }

    public Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand { get; }

    public string? DisplayDescription { get; }

    public string? ConfirmationMessage { get; }

    public string? IconName { get; }

    public IconVariant? IconVariant { get; }

    public bool IsHighlighted { get; }
}
