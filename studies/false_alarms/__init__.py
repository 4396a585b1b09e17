"""What the plans say of devices without a defect."""
