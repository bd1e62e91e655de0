export const leaveReasons = ['too-many', 'not-relevant', 'never-asked', 'other'] as const;
export type LeaveReason = (typeof leaveReasons)[number];
