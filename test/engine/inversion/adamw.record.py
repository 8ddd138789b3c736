"""Records what torch.optim.AdamW does: adamw.json. Run with any PyTorch 2."""
import json, os, torch

torch.set_default_dtype(torch.float64)
records = []
for lr, wd, betas, eps in [(0.01, 0.01, (0.9, 0.999), 1e-8), (0.3, 0.0, (0.5, 0.9), 1e-3)]:
    x = torch.tensor([1.0, -2.0, 0.5, 3.0], requires_grad=True)
    optimizer = torch.optim.AdamW([x], lr=lr, weight_decay=wd, betas=betas, eps=eps)
    steps = []
    for k in range(25):
        optimizer.zero_grad()
        w = torch.tensor([1.0, 10.0, 0.1, 0.0])
        loss = (w * (x - torch.tensor([0.3, 0.1, -1.0, 0.0])) ** 2).sum() + torch.sin(x).sum()
        loss.backward()
        gradient = x.grad.tolist()
        optimizer.step()
        steps.append({"gradient": gradient, "x": x.tolist()})
    records.append({
        "options": {"learningRate": lr, "weightDecay": wd, "beta1": betas[0], "beta2": betas[1], "epsilon": eps},
        "start": [1.0, -2.0, 0.5, 3.0], "steps": steps})
with open(os.path.join(os.path.dirname(__file__), "adamw.json"), "w") as f:
    json.dump(records, f)
