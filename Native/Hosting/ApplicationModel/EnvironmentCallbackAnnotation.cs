namespace Aspire.Hosting.ApplicationModel;

public class EnvironmentCallbackAnnotation : IResourceAnnotation
{
    public EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = callback;
    }

    public EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Callback = context =>
        {
            callback(context);
            return Task.CompletedTask;
        };
    }

    public EnvironmentCallbackAnnotation(Action<Dictionary<string, object>> callback)
        : this(context => callback(context.EnvironmentVariables))
    {
    }

    public EnvironmentCallbackAnnotation(string name, Func<string> callback)
        : this(context => context.EnvironmentVariables[name] = callback())
    {
    }

    public Func<EnvironmentCallbackContext, Task> Callback { get; }
}
